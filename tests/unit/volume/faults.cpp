// SPDX-License-Identifier: Apache-2.0
// The program's own definitions come before those of libc for every library that it loads.
#include "faults.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <utility>

namespace {

faults::Action g_action = faults::Action::none;
long g_at = 0;
long g_count = 0;
int g_errno = 0;
bool g_network = false;
std::function<void()> g_hook;

bool strikes()
{
    ++g_count;
    if (g_hook && g_count == g_at) {
        const auto hook = std::exchange(g_hook, nullptr);
        hook();
    }
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
void arm_hook(long at, std::function<void()> hook)
{
    arm(Action::none, at);
    g_hook = std::move(hook);
}
void pose_as_network_share(bool network) { g_network = network; }
void disarm()
{
    g_action = Action::none;
    g_hook = nullptr;
}
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
    return static_cast<int>(syscall(SYS_renameat2, from_dir, from, to_dir, to, 0));
}

int renameat2(int from_dir, const char* from, int to_dir, const char* to, unsigned flags) noexcept
{
    if (g_network && flags != 0) {
        errno = EINVAL;
        return -1;
    }
    return strikes() ? -1 : static_cast<int>(syscall(SYS_renameat2, from_dir, from, to_dir, to, flags));
}

int linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) noexcept
{
    if (g_network) {
        errno = EPERM;
        return -1;
    }
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
    if (g_network) {
        errno = EXDEV;
        return -1;
    }
    return strikes() ? -1 : syscall(SYS_copy_file_range, in, in_offset, out, out_offset, size, flags);
}

ssize_t write(int fd, const void* data, size_t size) { return strikes() ? -1 : syscall(SYS_write, fd, data, size); }

// Everything here is in memory.
int syncfs(int /*fd*/) noexcept
{
    if (g_network) {
        errno = ENOSYS;
        return -1;
    }
    return strikes() ? -1 : 0;
}

int fchown(int fd, uid_t uid, gid_t gid) noexcept
{
    if (g_network) {
        errno = EPERM;
        return -1;
    }
    return static_cast<int>(syscall(SYS_fchown, fd, uid, gid));
}

int flock(int fd, int operation) noexcept
{
    if (g_network) {
        errno = ENOLCK;
        return -1;
    }
    return static_cast<int>(syscall(SYS_flock, fd, operation));
}

int fsync(int /*fd*/) { return strikes() ? -1 : 0; }
}
#pragma GCC visibility pop
