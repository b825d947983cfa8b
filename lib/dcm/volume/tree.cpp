// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/sha256.hpp>
#include <dcm/volume/tree.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <memory>

namespace dcm::volume {

namespace {

Found::Kind kind_of(mode_t mode)
{
    if (S_ISDIR(mode)) {
        return Found::Kind::directory;
    }
    if (S_ISREG(mode)) {
        return Found::Kind::file;
    }
    return S_ISLNK(mode) ? Found::Kind::link : Found::Kind::other;
}

// "" or the first part of `place` and its parents that nobody may change, not even root (chattr +i, +a).
std::string immutable_part(int root, std::string place)
{
    for (;; place = sys::parent_directory(place)) {
        const sys::Fd fd(openat(root, place.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        int flags = 0;
        if (fd && ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0 && (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) != 0) {
            return place;
        }
        if (place == ".") {
            return {};
        }
    }
}

}  // namespace

Tree::Tree(const std::string& root) : m_path(root), m_root(sys::open_fd(root, O_RDONLY | O_DIRECTORY))
{
    if (!m_root) {
        throw system_error("cannot open the directory " + quoted(root), errno, ExitCode::no_input);
    }
}

Error Tree::failure(const std::string& verb, const std::string& path) const
{
    const int reason = errno;
    std::string remedy;
    ExitCode code = ExitCode::cant_create;
    if (reason == ENOSPC || reason == EDQUOT) {
        code = ExitCode::unavailable;
        remedy = "free space on that file system and start again";
    } else if (reason == EACCES || reason == EPERM) {
        const std::string part = reason == EPERM ? immutable_part(fd(), path.empty() ? "." : path) : "";
        remedy = part.empty() ? "make the volume writable for uid " + std::to_string(geteuid())
                              : "an attribute of " + quoted(full(part)) + " forbids it: chattr -ia";
    } else if (reason == EROFS) {
        remedy = "mount the volume without ':ro'";
    } else if (reason == EIO) {
        code = ExitCode::io_error;
    }
    return system_error("cannot " + verb + " " + quoted(full(path)), reason, code, remedy);
}

Found Tree::look(const std::string& path) const
{
    struct stat status {};
    if (fstatat(fd(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return {};
        }
        throw system_error("cannot read " + quoted(full(path)), errno);
    }
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    return {kind_of(status.st_mode),
            status.st_mode & 07777U,
            static_cast<std::uint64_t>(status.st_size),
            std::int64_t{status.st_mtim.tv_sec} * ns_per_s + status.st_mtim.tv_nsec,
            {status.st_uid, status.st_gid},
            status.st_dev};
}

bool Tree::same(const Found& found, const std::string& path, const Entry& entry) const
{
    if (!found.is(entry.type)) {
        return false;
    }
    if (entry.type == Type::link) {
        return read_link(path) == entry.target;
    }
    if (entry.type == Type::directory) {
        return true;
    }
    if (found.size != entry.size) {
        return false;
    }
    const sys::Fd file(openat(fd(), path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file) {
        throw system_error("cannot read " + quoted(full(path)), errno);
    }
    return sys::sha256_of_file(file.get(), full(path)) == entry.sha256;
}

std::string Tree::read_link(const std::string& path) const
{
    std::array<char, PATH_MAX> target{};
    const auto length = readlinkat(fd(), path.c_str(), target.data(), target.size());
    if (length < 0) {
        throw system_error("cannot read the link " + quoted(full(path)), errno);
    }
    return {target.data(), static_cast<std::size_t>(length)};
}

std::vector<std::string> Tree::names_in(const std::string& path) const
{
    sys::Fd handle(openat(fd(), path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!handle && errno == ENOENT) {
        return {};
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(handle ? fdopendir(handle.get()) : nullptr, closedir);
    if (!stream) {
        throw system_error("cannot read the directory " + quoted(full(path)), errno, ExitCode::no_input);
    }
    static_cast<void>(handle.release());  // the stream closes it
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* const item = readdir(stream.get())) {
        const std::string_view item_name = item->d_name;
        if (item_name != "." && item_name != "..") {
            names.emplace_back(item_name);
        }
    }
    if (errno != 0) {
        throw system_error("cannot read the directory " + quoted(full(path)), errno);
    }
    return names;
}

void Tree::make_directories(const std::string& path, unsigned mode) const
{
    for (auto end = path.find('/');; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        const bool made = mkdirat(fd(), part.c_str(), mode) == 0;
        if (!made && errno == EEXIST && look(part).kind == Found::Kind::link) {
            errno = ELOOP;
        }
        if (!made && errno != EEXIST) {
            throw failure("create the directory", part);
        }
        if (end == std::string::npos) {
            return;
        }
    }
}

void Tree::remove_all(const std::string& path) const
{
    if (unlinkat(fd(), path.c_str(), 0) == 0 || errno == ENOENT || errno == ENOTDIR) {
        return;
    }
    if (look(path).kind != Found::Kind::directory) {
        throw failure("remove", path);
    }
    // A directory that may not be written to cannot be emptied by an ordinary user.
    [[maybe_unused]] const int ignored = fchmodat(fd(), path.c_str(), 0700, 0);
    for (const auto& item : names_in(path)) {
        remove_all(std::string(path).append("/").append(item));
    }
    if (unlinkat(fd(), path.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
        throw failure("remove", path);
    }
}

void Tree::sync_all() const
{
    if (syncfs(fd()) == 0) {
        return;
    }
    if (errno == ENOSYS || errno == EINVAL) {
        sync();  // kernels and sandboxes without syncfs
    } else {
        throw failure("make durable what was written to", "");
    }
}

}  // namespace dcm::volume
