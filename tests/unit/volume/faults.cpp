// SPDX-License-Identifier: Apache-2.0
// The program's own definitions come before those of libc for every library that it loads.
#include "faults.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <string_view>

namespace {

faults::Action g_action = faults::Action::none;
long g_at = 0;
long g_count = 0;
int g_errno = 0;
bool g_stuck = false;

// As on an overlay file system: what comes from a layer below is copied, not renamed.
bool is_stuck(int directory, const char* path)
{
    struct stat status {};
    const bool is_old = std::string_view(path).substr(0, 9) != ".dcm/tmp/";
    return g_stuck && is_old && fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

bool strikes()
{
    ++g_count;
    if (g_action == faults::Action::none || g_count != g_at) {
        return false;
    }
    if (g_action == faults::Action::kill) {
        kill(getpid(), SIGKILL);
    }
    errno = g_errno;
    return true;
}

}  // namespace

namespace faults {

void arm(Action action, long at, int errno_value)
{
    g_action = action;
    g_at = at;
    g_count = 0;
    g_errno = errno_value;
}
void keep_directories_in_place(bool stuck) { g_stuck = stuck; }
void disarm() { g_action = Action::none; }
long count() { return g_count; }

}  // namespace faults

#pragma GCC visibility push(default)
extern "C" {

int openat(int directory, const char* path, int flags, ...)
{
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
        if (strikes()) {
            return -1;
        }
    }
    return static_cast<int>(syscall(SYS_openat, directory, path, flags, mode));
}

int mkdirat(int directory, const char* path, mode_t mode)
{
    return strikes() ? -1 : static_cast<int>(syscall(SYS_mkdirat, directory, path, mode));
}

int renameat(int from_dir, const char* from, int to_dir, const char* to) noexcept
{
    if (strikes()) {
        return -1;
    }
    if (is_stuck(from_dir, from)) {
        errno = EXDEV;
        return -1;
    }
    return static_cast<int>(syscall(SYS_renameat2, from_dir, from, to_dir, to, 0));
}

int renameat2(int from_dir, const char* from, int to_dir, const char* to, unsigned flags) noexcept
{
    return strikes() ? -1 : static_cast<int>(syscall(SYS_renameat2, from_dir, from, to_dir, to, flags));
}

int linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) noexcept
{
    return strikes() ? -1 : static_cast<int>(syscall(SYS_linkat, from_dir, from, to_dir, to, flags));
}

int symlinkat(const char* target, int directory, const char* path) noexcept
{
    return strikes() ? -1 : static_cast<int>(syscall(SYS_symlinkat, target, directory, path));
}

int unlinkat(int directory, const char* path, int flags) noexcept
{
    return strikes() ? -1 : static_cast<int>(syscall(SYS_unlinkat, directory, path, flags));
}

int fchmod(int fd, mode_t mode) noexcept { return strikes() ? -1 : static_cast<int>(syscall(SYS_fchmod, fd, mode)); }

ssize_t copy_file_range(int in, off64_t* in_offset, int out, off64_t* out_offset, size_t size, unsigned flags)
{
    return strikes() ? -1 : syscall(SYS_copy_file_range, in, in_offset, out, out_offset, size, flags);
}

ssize_t write(int fd, const void* data, size_t size) { return strikes() ? -1 : syscall(SYS_write, fd, data, size); }

int syncfs(int /*fd*/) noexcept { return strikes() ? -1 : 0; }  // everything here is in memory
int fsync(int /*fd*/) { return strikes() ? -1 : 0; }
}
#pragma GCC visibility pop
