// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/sha256.hpp>
#include <dcm/volume/tree.hpp>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

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

// "" or the first part of `path` and its parents that nobody may change, not even root (chattr +i, +a).
std::string immutable_part(const sys::Beneath& tree, std::string path)
{
    for (;; path = sys::parent_directory(path)) {
        const sys::Fd fd = tree.open(path, O_RDONLY | O_NONBLOCK);
        int flags = 0;
        if (fd && ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0 && (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) != 0) {
            return path;
        }
        if (path == ".") {
            return {};
        }
    }
}

}  // namespace

std::string own_path(const std::string& name) { return std::string(k_own_directory) + "/" + name; }

bool Found::is(Type type) const
{
    return (kind == Kind::directory && type == Type::directory) || (kind == Kind::file && type == Type::file) ||
           (kind == Kind::link && type == Type::link);
}

Found Tree::see(const std::string& path) const
{
    const auto status = look(path);
    if (!status) {
        if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) {
            return {};
        }
        throw system_error("cannot read " + quoted(full(path)), errno);
    }
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    return {kind_of(status->st_mode),
            status->st_mode & 07777U,
            static_cast<std::uint64_t>(status->st_size),
            std::int64_t{status->st_mtim.tv_sec} * ns_per_s + status->st_mtim.tv_nsec,
            {status->st_uid, status->st_gid}};
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
    const sys::Fd file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat status {};
    if (!file || fstat(file.get(), &status) != 0) {
        throw system_error("cannot read " + quoted(full(path)), errno);
    }
    // It may have become something else since it was looked at: a FIFO, a device without an end.
    return S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) == entry.size &&
           sys::sha256_of_file(file.get(), full(path)) == entry.sha256;
}

std::vector<std::string> Tree::list(const std::string& directory) const
{
    auto found = names(directory);
    if (!found && errno != ENOENT) {
        throw system_error("cannot read the directory " + quoted(full(directory)), errno, ExitCode::no_input);
    }
    std::vector<std::string> paths = found ? std::move(*found) : std::vector<std::string>();
    for (auto& path : paths) {
        path = directory == "." ? path : directory + "/" + path;
    }
    return paths;
}

void Tree::ensure_directory(const std::string& path, unsigned mode) const
{
    for (auto end = path.find('/');; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        if (!make_directory(part, mode) && errno != EEXIST) {
            throw failure("create the directory", part);
        }
        if (end == std::string::npos) {
            return;
        }
    }
}

void Tree::clear(const std::string& path) const
{
    if (!remove_all(path)) {
        throw failure("remove", path);
    }
}

// A few paths by one fsync each, since syncfs also waits for whatever others wrote to that disk; from a dozen paths on
// one syncfs was measured to be the faster one, on an idle disk and on a busy one.
void Tree::make_durable(const std::vector<std::string>& paths) const
{
    constexpr std::size_t few = 8;
    if (paths.size() <= few && std::all_of(paths.begin(), paths.end(), [&](const auto& p) { return sync_one(p); })) {
        return;
    }
    if (syncfs(fd()) == 0) {
        return;
    }
    if (errno == ENOSYS || errno == EINVAL) {
        sync();  // kernels and sandboxes without syncfs
    } else {
        throw failure("make durable what was written to", ".");
    }
}

// False when that must be left to syncfs: a file that may not be opened, say.
bool Tree::sync_one(const std::string& path) const
{
    const sys::Fd file = open(path, O_RDONLY | O_NONBLOCK);
    if (!file) {
        // A symbolic link is a name in its directory and nothing more.
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
    }
    if (fsync(file.get()) == 0) {
        return true;
    }
    if (errno == EIO || errno == ENOSPC || errno == EDQUOT) {
        throw failure("make durable", path);
    }
    return false;
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
        const std::string part = reason == EPERM ? immutable_part(*this, path) : "";
        remedy = part.empty() ? "make the volume writable for uid " + std::to_string(geteuid())
                              : "an attribute of " + quoted(full(part)) + " forbids it: chattr -ia";
    } else if (reason == EROFS) {
        remedy = "mount the volume without ':ro'";
    } else if (reason == ELOOP) {
        remedy = "a link is not followed here: look where it leads and remove it";
    } else if (reason == EIO) {
        code = ExitCode::io_error;
    }
    return system_error("cannot " + verb + " " + quoted(full(path)), reason, code, remedy);
}

}  // namespace dcm::volume
