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

bool is_us(const sys::Credentials& owner) { return owner.uid == geteuid() && owner.gid == getegid(); }

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

void Copier::copy(const Entry& entry, const std::string& to, const sys::Credentials& owner)
{
    if (entry.type == Type::file) {
        copy_file(entry, to, owner);
        return;
    }
    if (entry.type == Type::link && !m_to.symbolic_link(entry.target, to)) {
        throw m_to.failure("create the link", to);
    }
    if (entry.type == Type::directory && !m_to.make_directory(to, 0700)) {
        throw m_to.failure("create the directory", to);
    }
    if (!is_us(owner) && !m_to.chown(to, owner.uid, owner.gid)) {
        tell_no_owners(owner);
    }
}

void Copier::copy_file(const Entry& entry, const std::string& to, const sys::Credentials& owner)
{
    const sys::Fd in = m_from.open(entry.path, O_RDONLY | O_NONBLOCK);
    struct stat status {};
    if (!in || fstat(in.get(), &status) != 0) {
        throw system_error("cannot read " + quoted(m_from.full(entry.path)), errno, ExitCode::no_input,
                           "the image is damaged: pull or build it again");
    }
    if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) != entry.size) {
        throw image_damaged(m_from.full(entry.path), "is not what its manifest says");
    }
    const sys::Fd out = m_to.open(to, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (!out) {
        throw m_to.failure("create", to);
    }
    copy_bytes(in.get(), out.get(), entry, to);
    check_content(in.get(), out.get(), entry, to);
    if (!is_us(owner) && fchown(out.get(), owner.uid, owner.gid) != 0) {
        tell_no_owners(owner);
    }
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
    if (fstat(in, &status) != 0 || (m_check == Check::suspicious && is_before(status.st_ctim, m_begin))) {
        return;
    }
    if (lseek(out, 0, SEEK_SET) != 0 || sys::sha256_of_file(out, m_to.full(to)) != entry.sha256) {
        throw image_damaged(m_from.full(entry.path), "is not what its manifest says");
    }
}

void Copier::finish_directory(const std::string& from, const std::string& to, unsigned mode) const
{
    // A rollback has no directory to take the time from.
    const auto original = m_from.look(from);
    if (original) {
        static_cast<void>(m_to.set_times(to, *original));
    }
    if (!m_to.chmod(to, mode)) {
        throw m_to.failure("set the mode of", to);
    }
}

// Some file systems know no owners: said once, and not the end.
void Copier::tell_no_owners(const sys::Credentials& owner)
{
    if (m_owner_told) {
        return;
    }
    m_owner_told = true;
    const Error why =
        system_error("cannot give files in " + quoted(m_to.root()) + " to uid " + std::to_string(owner.uid), errno);
    m_notify({Level::warning, why.what() + std::string(", proceeding"), {}});
}

}  // namespace dcm::volume
