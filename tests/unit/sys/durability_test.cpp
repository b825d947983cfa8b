// SPDX-License-Identifier: Apache-2.0
// That an atomic file survives a power cut cannot be seen by reading it again: the calls that make it so are looked at
// instead. The definitions below stand in for those of the C library in this whole program.
#include <dcm/sys/atomic_file.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <vector>

#include <temp_dir.hpp>

namespace {

bool g_recording = false;
std::vector<std::string> g_calls;

std::string kind_of(int fd)
{
    struct stat status {};
    return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode) ? "directory" : "file";
}

}  // namespace

extern "C" int fsync(int fd)
{
    if (g_recording) {
        g_calls.push_back("fsync of a " + kind_of(fd));
    }
    return static_cast<int>(syscall(SYS_fsync, fd));
}

extern "C" int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept
{
    if (g_recording) {
        g_calls.emplace_back("rename");
    }
    return static_cast<int>(syscall(SYS_renameat2, from_directory, from, to_directory, to, 0));
}

namespace {

TEST(AtomicFile, IsOnDiskBeforeItHasItsNameAndItsNameIsOnDiskBeforeItReturns)
{
    const TempDir dir;
    g_recording = true;
    dcm::sys::write_file_atomically(dir.path("file"), "text");
    g_recording = false;
    EXPECT_EQ(g_calls, (std::vector<std::string>{"fsync of a file", "rename", "fsync of a directory"}));
}

}  // namespace
