// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/beneath.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>

namespace dcm::sys {

namespace {

Fd open_at(int directory, const std::string& name, int flags, unsigned mode = 0)
{
    int fd = -1;
    do {
        fd = openat(directory, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    return Fd(fd);
}

// nullopt where the call does not exist, or is not let through: some filters say EPERM.
std::optional<Fd> open_by_kernel(int root, const std::string& path, int flags, std::uint64_t resolve)
{
    static bool is_missing = false;
    if (is_missing) {
        return std::nullopt;
    }
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_NOFOLLOW | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | resolve;
    long fd = -1;
    do {
        fd = syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    } while (fd < 0 && errno == EINTR);
    is_missing = fd < 0 && errno == ENOSYS;
    if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
        return std::nullopt;
    }
    return Fd(static_cast<int>(fd));
}

Fd open_existing(int root, const std::string& path, int flags)
{
    auto fd = open_by_kernel(root, path, flags, 0);
    return fd ? std::move(*fd) : open_part_by_part(root, path, flags, 0);
}

// A directory in `parent` on the same mount: what is mounted is not ours to empty.
Fd open_to_empty(int parent, const std::string& name, int flags)
{
    if (auto fd = open_by_kernel(parent, name, flags | O_DIRECTORY, RESOLVE_NO_XDEV)) {
        return std::move(*fd);
    }
    Fd fd = open_at(parent, name, flags | O_DIRECTORY);
    struct stat above {};
    struct stat here {};
    if (fd && fstat(parent, &above) == 0 && fstat(fd.get(), &here) == 0 && above.st_dev != here.st_dev) {
        errno = EXDEV;
        return {};
    }
    return fd;
}

bool remove_in(int parent, const std::string& name)
{
    if (unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) {
        return true;
    }
    const int reason = errno;
    const bool may_be_directory = reason == EISDIR || reason == EPERM;  // the latter is what POSIX has for one
    if (!may_be_directory || !open_to_empty(parent, name, O_PATH)) {
        errno = may_be_directory && errno != ENOTDIR ? errno : reason;
        return false;
    }
    // A directory that may not be written to cannot be emptied by an ordinary user.
    [[maybe_unused]] const int tried = fchmodat(parent, name.c_str(), 0700, AT_SYMLINK_NOFOLLOW);
    const Fd directory = open_to_empty(parent, name, O_RDONLY);
    const auto names = directory ? read_directory(Fd(dup(directory.get()))) : std::nullopt;
    if (!names || !std::all_of(names->begin(), names->end(),
                               [&](const std::string& item) { return remove_in(directory.get(), item); })) {
        return false;
    }
    return unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT;
}

std::optional<std::string> target_of(int link)
{
    std::array<char, PATH_MAX> target{};
    const auto length = readlinkat(link, "", target.data(), target.size());
    return length < 0 ? std::nullopt : std::optional<std::string>({target.data(), static_cast<std::size_t>(length)});
}

// One part of a path, through a link if that belongs to root. What the link says is read from the very one whose owner
// was looked at.
Fd enter_part(int directory, const std::string& part)
{
    const Fd there = open_at(directory, part, O_PATH);
    struct stat status {};
    if (!there || fstat(there.get(), &status) != 0) {
        return {};
    }
    if (!S_ISLNK(status.st_mode)) {
        return open_at(directory, part, O_RDONLY | O_DIRECTORY);
    }
    const auto target = status.st_uid == 0 ? target_of(there.get()) : std::nullopt;
    if (!target) {
        errno = ELOOP;
        return {};
    }
    return Fd(openat(directory, target->c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

bool is_beneath(const std::string& path)
{
    if (path == ".") {
        return true;
    }
    const auto parts = split(path, '/');
    return path.find('\0') == std::string::npos && std::none_of(parts.begin(), parts.end(), [](std::string_view part) {
               return part.empty() || part == "." || part == "..";
           });
}

Fd open_part_by_part(int root, const std::string& path, int flags, unsigned mode)
{
    Fd directory;
    std::size_t begin = 0;
    for (auto end = path.find('/'); end != std::string::npos; begin = end + 1, end = path.find('/', begin)) {
        Fd next = open_at(directory ? directory.get() : root, path.substr(begin, end - begin), O_PATH | O_DIRECTORY);
        if (!next) {
            return {};
        }
        directory = std::move(next);
    }
    return open_at(directory ? directory.get() : root, path.substr(begin), flags, mode);
}

Beneath::Beneath(const std::string& root) : m_name(root), m_root(open_fd(root, O_RDONLY | O_DIRECTORY))
{
    if (!m_root) {
        throw system_error("cannot open the directory " + quoted(root), errno, ExitCode::no_input);
    }
}

Fd Beneath::open(const std::string& path, int flags, unsigned mode) const
{
    if (!is_beneath(path)) {
        errno = EXDEV;
        return {};
    }
    if ((flags & O_CREAT) == 0) {
        return open_existing(fd(), path, flags);
    }
    const Fd parent = open_parent(path);
    return parent ? open_at(parent.get(), file_name(path), flags, mode) : Fd();
}

Fd Beneath::open_parent(const std::string& path) const
{
    if (!is_beneath(path)) {
        errno = EXDEV;
        return {};
    }
    return open_existing(fd(), parent_directory(path), O_PATH | O_DIRECTORY);
}

std::optional<struct stat> Beneath::look(const std::string& path) const
{
    const Fd parent = open_parent(path);
    struct stat status {};
    if (!parent || fstatat(parent.get(), file_name(path).c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return std::nullopt;
    }
    return status;
}

std::optional<std::string> Beneath::read(const std::string& path, std::uint64_t max_bytes) const
{
    const Fd file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat status {};
    if (!file && (errno == ENOENT || errno == ENOTDIR)) {
        return std::nullopt;
    }
    if (!file || fstat(file.get(), &status) != 0) {
        throw system_error("cannot read " + quoted(full(path)), errno, ExitCode::no_input,
                           errno == ELOOP ? "a link is not followed here: look where it leads and remove it" : "");
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error(ExitCode::no_input, "cannot read " + quoted(full(path)) + ": not a regular file; remove it");
    }
    return read_all(file.get(), full(path), max_bytes);
}

std::optional<std::vector<std::string>> Beneath::names(const std::string& path) const
{
    Fd directory = open(path, O_RDONLY | O_DIRECTORY);
    return directory ? read_directory(std::move(directory)) : std::nullopt;
}

std::optional<std::string> Beneath::read_link(const std::string& path) const
{
    const Fd link = open(path, O_PATH);
    return link ? target_of(link.get()) : std::nullopt;
}

bool Beneath::make_directory(const std::string& path, unsigned mode) const
{
    const Fd parent = open_parent(path);
    return parent && mkdirat(parent.get(), file_name(path).c_str(), mode) == 0;
}

bool Beneath::rename(const std::string& from, const std::string& to, unsigned flags) const
{
    const Fd source = open_parent(from);
    const Fd target = source ? open_parent(to) : Fd();
    if (!target) {
        return false;
    }
    const std::string old_name = file_name(from);
    const std::string new_name = file_name(to);
    return flags == 0 ? renameat(source.get(), old_name.c_str(), target.get(), new_name.c_str()) == 0
                      : renameat2(source.get(), old_name.c_str(), target.get(), new_name.c_str(), flags) == 0;
}

bool Beneath::symbolic_link(const std::string& target, const std::string& path) const
{
    const Fd parent = open_parent(path);
    return parent && symlinkat(target.c_str(), parent.get(), file_name(path).c_str()) == 0;
}

bool Beneath::remove(const std::string& path) const
{
    const Fd parent = open_parent(path);
    return parent && unlinkat(parent.get(), file_name(path).c_str(), 0) == 0;
}

bool Beneath::remove_directory(const std::string& path) const
{
    const Fd parent = open_parent(path);
    return parent && unlinkat(parent.get(), file_name(path).c_str(), AT_REMOVEDIR) == 0;
}

bool Beneath::remove_all(const std::string& path) const
{
    const Fd parent = open_parent(path);
    return parent ? remove_in(parent.get(), file_name(path)) : errno == ENOENT || errno == ENOTDIR;
}

bool Beneath::chmod(const std::string& path, unsigned mode) const
{
    const Fd parent = open_parent(path);
    return parent && fchmodat(parent.get(), file_name(path).c_str(), mode, AT_SYMLINK_NOFOLLOW) == 0;
}

bool Beneath::chown(const std::string& path, uid_t uid, gid_t gid) const
{
    const Fd parent = open_parent(path);
    return parent && fchownat(parent.get(), file_name(path).c_str(), uid, gid, AT_SYMLINK_NOFOLLOW) == 0;
}

bool Beneath::set_times(const std::string& path, const struct stat& like) const
{
    const std::array<timespec, 2> times{like.st_atim, like.st_mtim};
    const Fd parent = open_parent(path);
    return parent && utimensat(parent.get(), file_name(path).c_str(), times.data(), AT_SYMLINK_NOFOLLOW) == 0;
}

std::optional<Beneath> Beneath::enter(const std::string& path, Links links) const
{
    Fd directory;
    if (links == Links::none || path == ".") {
        directory = open(path, O_RDONLY | O_DIRECTORY);
    } else if (is_beneath(path)) {
        for (const auto part : split(path, '/')) {
            directory = enter_part(directory ? directory.get() : fd(), std::string(part));
            if (!directory) {
                break;
            }
        }
    } else {
        errno = EXDEV;
    }
    return directory ? std::optional<Beneath>(Beneath(std::move(directory), full(path))) : std::nullopt;
}

}  // namespace dcm::sys
