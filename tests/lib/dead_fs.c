/* SPDX-License-Identifier: Apache-2.0 */
/* For LD_PRELOAD: while the file $DEAD exists, whatever dcm-start asks of a path below $DEAD_ROOT is never answered, as by an
   NFS server that has gone. Other programs are let alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static void wait_below(const char* path)
{
    const char* root = getenv("DEAD_ROOT");
    const char* flag = getenv("DEAD");
    if (root == NULL || flag == NULL || path == NULL || strncmp(path, root, strlen(root)) != 0 ||
        strcmp(program_invocation_short_name, "dcm-start") != 0) {
        return;
    }
    while (syscall(SYS_faccessat, AT_FDCWD, flag, F_OK) == 0) {
        usleep(10000);
    }
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int open(const char* path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    wait_below(path);
    return NEXT(open)(path, flags, mode);
}

int open64(const char* path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    wait_below(path);
    return NEXT(open64)(path, flags, mode);
}

int __open_2(const char* path, int flags);
int __open64_2(const char* path, int flags);

int __open_2(const char* path, int flags)
{
    wait_below(path);
    return NEXT(open)(path, flags);
}

int __open64_2(const char* path, int flags)
{
    wait_below(path);
    return NEXT(open64)(path, flags);
}

int stat(const char* path, struct stat* status)
{
    wait_below(path);
    return NEXT(stat)(path, status);
}

int lstat(const char* path, struct stat* status)
{
    wait_below(path);
    return NEXT(lstat)(path, status);
}

int stat64(const char* path, struct stat64* status)
{
    wait_below(path);
    return NEXT(stat64)(path, status);
}

int lstat64(const char* path, struct stat64* status)
{
    wait_below(path);
    return NEXT(lstat64)(path, status);
}

int statvfs(const char* path, struct statvfs* status)
{
    wait_below(path);
    return NEXT(statvfs)(path, status);
}

int statvfs64(const char* path, struct statvfs64* status)
{
    wait_below(path);
    return NEXT(statvfs64)(path, status);
}

char* realpath(const char* path, char* resolved)
{
    wait_below(path);
    return NEXT(realpath)(path, resolved);
}
