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

std::string staged_name(const Move& move) { return k_tmp + "/" + std::to_string(move.staged); }

}  // namespace

Stager::Stager(const Tree& volume, const Tree& source, Owner owner, Check check, const Notify& notify,
               Progress& progress)
    : m_volume(volume), m_source(source), m_owner(owner), m_notify(notify), m_progress(progress),
      m_copier(source, volume, check, notify, progress), m_durable(volume)
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
    for (auto directory = m_directories.rbegin(); directory != m_directories.rend(); ++directory) {
        m_copier.finish_directory(directory->path, directory->staged, directory->mode);
    }
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
    m_durable.add(k_tmp);
    m_durable.sync();
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
            copy(step.entry, staged_name(move), step.act == Act::replace ? step.found.owner : m_owner);
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
        to = staged_name(move);
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

// A second name for the file, or a copy where there are no hard links: nothing changes for the site. A fill replaces
// what differs in the engine's copy: an unfinished file, or one that was edited before the first start.
void Stager::keep_previous(const Step& step)
{
    if (m_journal.change == Change::rollback || step.found.is(Type::directory)) {
        return;
    }
    const bool upgrades = m_journal.change == Change::upgrade;
    const std::string to =
        (upgrades ? k_tmp + "/previous/" : std::string(k_own_directory) + "/replaced/") + step.entry.path;
    m_volume.remove_all(to);
    m_volume.make_directories(split_path(to).first, 0700);
    for (auto parent = split_path(to).first; parent != k_own_directory; parent = split_path(parent).first) {
        m_durable.add(parent);
    }
    if (linkat(m_volume.fd(), step.entry.path.c_str(), m_volume.fd(), to.c_str(), 0) == 0) {
        return;
    }
    Copier(m_volume, m_volume, Check::suspicious, m_notify, m_progress).copy_all(step.entry.path, to);
    m_durable.add(to);
}

void Stager::copy(const Entry& entry, const std::string& to, Owner owner)
{
    m_copier.copy(entry, to, owner);
    m_durable.add(to);
}

void Stager::write(const std::string& name, std::string_view content)
{
    const std::string to = k_tmp + "/" + name;
    const sys::Fd out(openat(m_volume.fd(), to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!out || !sys::write_all(out.get(), content)) {
        throw m_volume.failure("write", to);
    }
    m_durable.add(to);
}

void Stager::save(const std::string& name)
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
    const int reason = out ? posix_fallocate(out.get(), 0, static_cast<off_t>(size)) : errno;
    if (!out || reason == ENOSPC || reason == EDQUOT) {
        errno = reason;
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
