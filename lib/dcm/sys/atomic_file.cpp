// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

namespace dcm::sys {

namespace {

// Removes the temporary file unless it got its final name.
class Temporary {
public:
    Temporary(const std::string& final_path, const std::string& staging)
    {
        const auto slash = final_path.find_last_of('/');
        const auto base = slash == std::string::npos ? final_path : final_path.substr(slash + 1);
        const auto directory = staging.empty() ? parent_directory(final_path) : staging;
        m_path = directory + "/." + base + ".dcm-" + std::to_string(getpid());
        ::unlink(m_path.c_str());
        m_fd = open_fd(m_path, O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (!m_fd) {
            throw system_error("cannot create " + quoted(m_path), errno, ExitCode::cant_create);
        }
    }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    ~Temporary()
    {
        if (!m_path.empty()) {
            ::unlink(m_path.c_str());
        }
    }

    int fd() const { return m_fd.get(); }
    const std::string& path() const { return m_path; }

    void rename_to(const std::string& final_path)
    {
        if (::rename(m_path.c_str(), final_path.c_str()) != 0) {
            throw system_error("cannot replace " + quoted(final_path), errno, ExitCode::cant_create,
                               errno == EBUSY ? "it is a mount of its own: mount its directory instead" : "");
        }
        m_path.clear();
    }

private:
    std::string m_path;
    Fd m_fd;
};

// Where a chain of symbolic links ends, so that a replaced link does not turn into a file.
std::string resolve(const std::string& path)
{
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) {
        return path;
    }
    char* const real = ::realpath(path.c_str(), nullptr);
    if (real == nullptr) {
        throw system_error("cannot follow the link " + quoted(path), errno, ExitCode::cant_create);
    }
    std::string target(real);
    std::free(real);
    return target;
}

struct Wanted {
    mode_t mode = 0644;
    uid_t uid = geteuid();
    gid_t gid = getegid();
};

Wanted wanted(const Ownership& ownership, const std::optional<struct stat>& old)
{
    Wanted result;
    if (old) {
        result = {static_cast<mode_t>(old->st_mode & 07777U), old->st_uid, old->st_gid};
    }
    result.mode = ownership.mode.value_or(result.mode);
    result.uid = ownership.uid.value_or(result.uid);
    result.gid = ownership.gid.value_or(result.gid);
    return result;
}

bool is_current(const std::string& path, std::string_view content, const struct stat& old, const Wanted& want)
{
    return S_ISREG(old.st_mode) && static_cast<std::size_t>(old.st_size) == content.size() &&
           (old.st_mode & 07777U) == want.mode && old.st_uid == want.uid && old.st_gid == want.gid &&
           read_file(path) == content;
}

void fill(const Temporary& temporary, std::string_view content, const Wanted& want)
{
    const auto cannot_write = [&] {
        return system_error("cannot write " + quoted(temporary.path()), errno, ExitCode::io_error,
                            errno == ENOSPC ? "free space on that file system" : "");
    };
    if (!write_all(temporary.fd(), content)) {
        throw cannot_write();
    }
    if ((want.uid != geteuid() || want.gid != getegid()) && fchown(temporary.fd(), want.uid, want.gid) != 0 &&
        errno != EPERM) {
        throw cannot_write();
    }
    if (fchmod(temporary.fd(), want.mode) != 0 || fsync(temporary.fd()) != 0) {
        throw cannot_write();
    }
}

}  // namespace

WriteResult write_file_atomically(const std::string& path, std::string_view content, const Ownership& ownership,
                                  const std::string& staging)
{
    const std::string target = resolve(path);
    struct stat status {};
    const bool exists = ::stat(target.c_str(), &status) == 0;
    const Wanted want = wanted(ownership, exists ? std::optional(status) : std::nullopt);
    if (exists && is_current(target, content, status, want)) {
        return WriteResult::unchanged;
    }
    const SignalsHeld held;
    Temporary temporary(target, staging);
    fill(temporary, content, want);
    temporary.rename_to(target);
    const std::string directory = parent_directory(target);
    if (!sync_directory(directory)) {
        throw system_error("cannot make " + quoted(directory) + " durable", errno);
    }
    return WriteResult::written;
}

}  // namespace dcm::sys
