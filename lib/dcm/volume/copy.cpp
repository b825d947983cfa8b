// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/sha256.hpp>
#include <dcm/volume/copy.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace dcm::volume {

namespace {

Error image_damaged(const std::string& path, const std::string& why)
{
    return Error(ExitCode::data_error, quoted(path) + " " + why + "; the image is damaged: pull or build it again");
}

// What is copied was decided on a moment before: a write in between counts, too.
constexpr std::time_t k_seconds_since_the_manifest_was_read = 2;

bool is_before(const timespec& a, const timespec& b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

}  // namespace

Copier::Copier(const Tree& from, const Tree& to, Check check, const Notify& notify, Progress& progress)
    : m_from(from), m_to(to), m_check(check), m_notify(notify), m_progress(progress)
{
    clock_gettime(CLOCK_REALTIME_COARSE, &m_begin);  // the clock that the kernel stamps files with
    m_begin.tv_sec -= k_seconds_since_the_manifest_was_read;
}

void Copier::copy(const Entry& entry, const std::string& to, Owner owner)
{
    if (entry.type == Type::file) {
        copy_file(entry, to, owner);
        return;
    }
    if (entry.type == Type::link && symlinkat(entry.target.c_str(), m_to.fd(), to.c_str()) != 0) {
        throw m_to.failure("create the link", to);
    }
    if (entry.type == Type::directory && mkdirat(m_to.fd(), to.c_str(), 0700) != 0) {
        throw m_to.failure("create the directory", to);
    }
    give(-1, to, owner);
}

void Copier::copy_file(const Entry& entry, const std::string& to, Owner owner)
{
    const sys::Fd in(openat(m_from.fd(), entry.path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!in || fstat(in.get(), &status) != 0) {
        throw system_error("cannot read " + quoted(m_from.full(entry.path)), errno, ExitCode::no_input,
                           "the image is damaged: pull or build it again");
    }
    if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) != entry.size) {
        throw image_damaged(m_from.full(entry.path), "is not what its manifest says");
    }
    const sys::Fd out(openat(m_to.fd(), to.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!out) {
        throw m_to.failure("create", to);
    }
    copy_bytes(in.get(), out.get(), entry, to);
    check_content(in.get(), out.get(), entry, to);
    give(out.get(), to, owner);
    const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
    if (fchmod(out.get(), entry.mode) != 0 || futimens(out.get(), times.data()) != 0) {
        throw m_to.failure("set mode and time of", to);
    }
    m_progress.add(entry.size);
}

void Copier::copy_bytes(int in, int out, const Entry& entry, const std::string& to) const
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
            throw image_damaged(m_from.full(entry.path), "became shorter while it was copied");
        }
        if (got < 0) {
            throw system_error("cannot read " + quoted(m_from.full(entry.path)), errno);
        }
        if (!sys::write_all(out, {buffer.data(), static_cast<std::size_t>(got)})) {
            throw m_to.failure("write", to);
        }
        left -= static_cast<std::uint64_t>(got);
    }
}

// A change of the same length shows in the change time, which nobody can set. Only then does a fill read back what it
// wrote: the hash of every byte would cost it its speed.
void Copier::check_content(int in, int out, const Entry& entry, const std::string& to) const
{
    struct stat status {};
    if (entry.sha256.empty() || fstat(in, &status) != 0 ||
        (m_check == Check::suspicious && is_before(status.st_ctim, m_begin))) {
        return;
    }
    if (lseek(out, 0, SEEK_SET) != 0 || sys::sha256_of_file(out, m_to.full(to)) != entry.sha256) {
        throw image_damaged(m_from.full(entry.path), "is not what its manifest says");
    }
}

void Copier::finish_directory(const std::string& from, const std::string& to, unsigned mode) const
{
    struct stat status {};
    // A rollback has no directory to take the time from.
    if (fstatat(m_from.fd(), from.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
        const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
        [[maybe_unused]] const int ignored = utimensat(m_to.fd(), to.c_str(), times.data(), 0);
    }
    if (fchmodat(m_to.fd(), to.c_str(), mode, 0) != 0) {
        throw m_to.failure("set the mode of", to);
    }
}

void Copier::copy_all(const std::string& from, const std::string& to)
{
    const Found found = m_from.look(from);
    Entry entry;
    entry.path = from;
    entry.type = found.is(Type::directory) ? Type::directory : found.is(Type::link) ? Type::link : Type::file;
    entry.mode = found.mode;
    entry.size = found.size;
    entry.target = entry.type == Type::link ? m_from.read_link(from) : "";
    copy(entry, to, found.owner);
    if (entry.type != Type::directory) {
        return;
    }
    for (const auto& item : m_from.names_in(from)) {
        const std::string leaf = "/" + item;
        copy_all(from + leaf, to + leaf);
    }
    finish_directory(from, to, found.mode);
}

void Copier::give(int fd, const std::string& path, Owner owner)
{
    if (owner.uid == geteuid() && owner.gid == getegid()) {
        return;
    }
    const int result = fd >= 0 ? fchown(fd, owner.uid, owner.gid)
                               : fchownat(m_to.fd(), path.c_str(), owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW);
    if (result != 0 && !m_owner_told) {
        m_owner_told = true;
        m_notify(
            {Level::warning,
             system_error("cannot give files in " + quoted(m_to.root()) + " to uid " + std::to_string(owner.uid), errno)
                     .what() +
                 std::string(", proceeding"),
             {}});
    }
}

}  // namespace dcm::volume
