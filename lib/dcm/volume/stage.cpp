// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/change.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace dcm::volume {

namespace {

const std::string k_tmp = std::string(k_own_directory) + "/tmp";

std::pair<std::string, std::string> split_path(const std::string& path)
{
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::pair(std::string(), path)
                                      : std::pair(path.substr(0, slash), path.substr(slash + 1));
}

Error image_damaged(const std::string& path, const std::string& why)
{
    return Error(ExitCode::data_error, quoted(path) + " " + why + "; the image is damaged: pull or build it again");
}

}  // namespace

Stager::Stager(const Tree& volume, const Tree& source, Owner owner, const Notify& notify, Progress& progress)
    : m_volume(volume), m_source(source), m_owner(owner), m_notify(notify), m_progress(progress)
{
}

void Stager::stage(const Plan& plan, const Outcome& outcome)
{
    discard(m_volume);
    m_volume.make_directories(k_tmp, 0700);
    m_journal.product = outcome.marker.product;
    m_journal.change = outcome.change;
    if (outcome.change == Change::upgrade) {
        m_volume.make_directories(k_tmp + "/previous", 0700);
        save("manifest");
        save("marker");
    }
    for (const auto& step : plan) {
        stage_step(step);
    }
    finish_directories();
    // What goes is moved deepest first, and before anything takes its place.
    std::stable_sort(m_journal.moves.begin(), m_journal.moves.end(), [](const Move& a, const Move& b) {
        const bool a_goes = a.act == Act::remove;
        const bool b_goes = b.act == Act::remove;
        return a_goes != b_goes ? a_goes : a_goes && a.path > b.path;
    });
    write("manifest", outcome.manifest);
    write("marker", format_marker(outcome.marker));
    write("journal", format_journal(m_journal));
    reserve_room();
    m_volume.sync_all();
}

void Stager::stage_step(const Step& step)
{
    switch (step.act) {
    case Act::add:
        place(step);
        return;
    case Act::replace:
    case Act::remove:
        keep_previous(step);
        [[fallthrough]];
    case Act::offer: {
        Move move = new_move(step);
        if (step.act != Act::remove) {
            copy(step.entry, k_tmp + "/" + std::to_string(move.staged),
                 step.act == Act::replace ? step.found.owner : m_owner);
        }
        m_journal.moves.push_back(std::move(move));
        return;
    }
    case Act::set_mode:
    case Act::withdraw:
        m_journal.moves.push_back(new_move(step));
        return;
    case Act::keep_dropped:
    case Act::keep_edited:
        return;
    }
}

Move Stager::new_move(const Step& step)
{
    return {step.act, m_next++, step.entry.mode, step.entry.type, step.found.size, step.found.mtime, step.entry.path};
}

// What goes into a directory that is staged itself is put there: one rename brings all of it.
void Stager::place(const Step& step)
{
    const auto [parent, leaf] = split_path(step.entry.path);
    const auto staged_parent = m_staged_directories.find(parent);
    std::string to;
    if (staged_parent != m_staged_directories.end()) {
        to = staged_parent->second + "/" + leaf;
    } else {
        Move move = new_move(step);
        to = k_tmp + "/" + std::to_string(move.staged);
        m_journal.moves.push_back(std::move(move));
    }
    copy(step.entry, to, m_owner);
    if (step.entry.type != Type::directory) {
        return;
    }
    m_staged_directories.emplace(step.entry.path, to);
    // A directory that is renamed must be writable for us; the journal has its final mode.
    const bool moved_itself = staged_parent == m_staged_directories.end();
    m_directories.push_back({step.entry.path, to, moved_itself ? step.entry.mode | 0700U : step.entry.mode});
}

void Stager::finish_directories() const
{
    for (auto directory = m_directories.rbegin(); directory != m_directories.rend(); ++directory) {
        const char* const staged = directory->staged.c_str();
        struct stat status {};
        // A rollback has no directory to take the time from.
        if (fstatat(m_source.fd(), directory->path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
            const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
            [[maybe_unused]] const int ignored = utimensat(m_volume.fd(), staged, times.data(), 0);
        }
        if (fchmodat(m_volume.fd(), staged, directory->mode, 0) != 0) {
            throw m_volume.failure("set the mode of", directory->staged);
        }
    }
}

// A second name for the file, or a copy where there are no hard links: nothing changes for the site.
void Stager::keep_previous(const Step& step)
{
    const bool restores = m_journal.change == Change::restore;
    if ((m_journal.change != Change::upgrade && !restores) || step.found.is(Type::directory)) {
        return;
    }
    const std::string to =
        (restores ? std::string(k_own_directory) + "/replaced/" : k_tmp + "/previous/") + step.entry.path;
    m_volume.remove_all(to);
    m_volume.make_directories(split_path(to).first, 0700);
    if (linkat(m_volume.fd(), step.entry.path.c_str(), m_volume.fd(), to.c_str(), 0) == 0) {
        return;
    }
    Entry entry = step.entry;
    entry.type = step.found.is(Type::link) ? Type::link : Type::file;
    entry.size = step.found.size;
    entry.mode = step.found.mode;
    if (entry.type == Type::link) {
        entry.target = m_volume.read_link(entry.path);
    }
    Stager copier(m_volume, m_volume, step.found.owner, m_notify, m_progress);
    copier.copy(entry, to, step.found.owner);
}

void Stager::copy(const Entry& entry, const std::string& to, Owner owner)
{
    if (entry.type == Type::link) {
        if (symlinkat(entry.target.c_str(), m_volume.fd(), to.c_str()) != 0) {
            throw m_volume.failure("create the link", to);
        }
        give(-1, to, owner);
        return;
    }
    if (entry.type == Type::directory) {
        if (mkdirat(m_volume.fd(), to.c_str(), 0700) != 0) {
            throw m_volume.failure("create the directory", to);
        }
        give(-1, to, owner);
        return;
    }
    const sys::Fd in(openat(m_source.fd(), entry.path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!in || fstat(in.get(), &status) != 0) {
        throw system_error("cannot read " + quoted(m_source.full(entry.path)), errno, ExitCode::no_input,
                           "the image is damaged: pull or build it again");
    }
    if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) != entry.size) {
        throw image_damaged(m_source.full(entry.path), "is not what its manifest says");
    }
    const sys::Fd out(openat(m_volume.fd(), to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!out) {
        throw m_volume.failure("create", to);
    }
    copy_bytes(in.get(), out.get(), entry, to);
    give(out.get(), to, owner);
    const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
    if (fchmod(out.get(), entry.mode) != 0 || futimens(out.get(), times.data()) != 0) {
        throw m_volume.failure("set mode and time of", to);
    }
    m_progress.add(entry.size);
}

void Stager::copy_bytes(int in, int out, const Entry& entry, const std::string& to) const
{
    std::uint64_t left = entry.size;
    while (left > 0) {
        const auto copied = copy_file_range(in, nullptr, out, nullptr, left, 0);
        if (copied <= 0) {
            break;
        }
        left -= static_cast<std::uint64_t>(copied);
    }
    // Where the kernel does not copy between these two file systems.
    std::vector<char> buffer(left > 0 ? 128UL * 1024 : 0);
    while (left > 0) {
        const auto got = read(in, buffer.data(), std::min<std::uint64_t>(buffer.size(), left));
        if (got == 0) {
            throw image_damaged(m_source.full(entry.path), "became shorter while it was copied");
        }
        if (got < 0) {
            throw system_error("cannot read " + quoted(m_source.full(entry.path)), errno);
        }
        if (!sys::write_all(out, {buffer.data(), static_cast<std::size_t>(got)})) {
            throw m_volume.failure("write", to);
        }
        left -= static_cast<std::uint64_t>(got);
    }
}

// Some file systems know no owners: said once, and not the end.
void Stager::give(int fd, const std::string& path, Owner owner)
{
    if (owner.uid == geteuid() && owner.gid == getegid()) {
        return;
    }
    const int result = fd >= 0 ? fchown(fd, owner.uid, owner.gid)
                               : fchownat(m_volume.fd(), path.c_str(), owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW);
    if (result != 0 && !m_owner_told) {
        m_owner_told = true;
        m_notify({Level::warning,
                  system_error(
                      "cannot give files in " + quoted(m_volume.root()) + " to uid " + std::to_string(owner.uid), errno)
                          .what() +
                      std::string(", proceeding"),
                  {}});
    }
}

void Stager::write(const std::string& name, std::string_view content) const
{
    const std::string to = k_tmp + "/" + name;
    const sys::Fd out(openat(m_volume.fd(), to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!out || !sys::write_all(out.get(), content)) {
        throw m_volume.failure("write", to);
    }
}

void Stager::save(const std::string& name) const
{
    const auto text = sys::read_file(m_volume.full(std::string(k_own_directory) + "/" + name));
    write(name + ".previous", text.value_or(""));
}

// The moves need room for names in directories: set aside now, given back when they begin.
void Stager::reserve_room() const
{
    constexpr std::size_t block = 4096;
    const std::string to = k_tmp + "/room";
    const std::size_t size = block * (8 + std::min<std::size_t>(m_journal.moves.size(), 256));
    const sys::Fd out(openat(m_volume.fd(), to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!out || (posix_fallocate(out.get(), 0, static_cast<off_t>(size)) == ENOSPC && (errno = ENOSPC) != 0)) {
        throw m_volume.failure("reserve room in", to);
    }
}

void Stager::commit()
{
    const std::string own(k_own_directory);
    if (renameat(m_volume.fd(), (k_tmp + "/journal").c_str(), m_volume.fd(), (own + "/pending").c_str()) != 0) {
        throw m_volume.failure("create", own + "/pending");
    }
    // Before the first move: after a power cut, too, there is either no move or the list of all.
    if (!sys::sync_directory(m_volume.full(own))) {
        throw m_volume.failure("make durable", own + "/pending");
    }
}

void discard(const Tree& volume) { volume.remove_all(k_tmp); }

}  // namespace dcm::volume
