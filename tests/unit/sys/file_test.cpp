// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <map>
#include <string>
#include <vector>

#include <temp_dir.hpp>

namespace {

using dcm::Error;
using dcm::ExitCode;
using dcm::sys::write_file_atomically;
using dcm::sys::WriteResult;

template <typename Function>
ExitCode code_of(Function function)
{
    try {
        function();
    } catch (const Error& failure) {
        return failure.code();
    }
    return ExitCode::ok;
}

TEST(ReadFile, TellsMissingFromUnreadable)
{
    const TempDir dir;
    EXPECT_EQ(dcm::sys::read_file(dir.path("absent")), std::nullopt);
    EXPECT_EQ(dcm::sys::read_file(dir.write("empty", "")), "");
    const std::string binary("a\0b\n", 4);
    EXPECT_EQ(dcm::sys::read_file(dir.write("binary", binary)), binary);
    EXPECT_EQ(code_of([&] { dcm::sys::read_file(dir.path()); }), ExitCode::no_input);
    ASSERT_EQ(mkfifo(dir.path("fifo").c_str(), 0600), 0);
    EXPECT_EQ(code_of([&] { dcm::sys::read_file(dir.path("fifo")); }), ExitCode::no_input);
    EXPECT_EQ(code_of([&] { dcm::sys::read_file(dir.write("big", "12345"), 4); }), ExitCode::no_input);
}

// A limit of the address space stands in for a machine that does not have the memory.
TEST(ReadFile, NeverTakesMoreMemoryThanItsLimit)
{
    const TempDir dir;
    const auto sparse = dir.write("sparse", "");
    ASSERT_EQ(truncate(sparse.c_str(), off_t{3} << 30U), 0);
    const auto with_little_memory = [&] {
        rlimit small{};
        small.rlim_cur = small.rlim_max = 512U << 20U;
        setrlimit(RLIMIT_DATA, &small);
        _exit(to_int(code_of([&] { dcm::sys::read_file(sparse); })));
    };
#ifndef __SANITIZE_ADDRESS__  // whose own memory is far beyond such a limit
    EXPECT_EXIT(with_little_memory(), testing::ExitedWithCode(to_int(ExitCode::no_input)), "");
#else
    static_cast<void>(with_little_memory);
#endif
    try {
        dcm::sys::read_file(sparse);
        FAIL();
    } catch (const Error& failure) {
        EXPECT_EQ(std::string(failure.what()), "cannot read '" + sparse + "': larger than 67 MB");
    }
    EXPECT_EQ(dcm::sys::read_file(dir.write("fits", "1234"), 4), "1234");
}

TEST(ReplaceFile, MakesItsDirectoryAndFollowsNoLink)
{
    const TempDir dir;
    const auto path = dir.path("run/state");
    ASSERT_TRUE(dcm::sys::replace_file(path, "one"));
    EXPECT_EQ(dir.read("run/state"), "one");
    std::filesystem::create_symlink(dir.write("precious", "kept"), path + ".new");
    ASSERT_TRUE(dcm::sys::replace_file(path, "two", 0600));
    EXPECT_EQ(dir.read("run/state"), "two");
    EXPECT_EQ(dir.read("precious"), "kept");
    struct stat status {};
    stat(path.c_str(), &status);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    EXPECT_FALSE(dcm::sys::replace_file(dir.path("precious/x"), ""));
    EXPECT_EQ(errno, ENOTDIR);
}

TEST(ReadDirectory, GivesEveryNameOrSaysWhy)
{
    const TempDir dir;
    dir.write("a", "");
    dir.write(".b", "");
    auto names = dcm::sys::read_directory(dir.path()).value();
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{".b", "a"}));
    EXPECT_FALSE(dcm::sys::read_directory(dir.path("absent")));
    EXPECT_EQ(errno, ENOENT);
    EXPECT_FALSE(dcm::sys::read_directory(dir.path("a")));
    EXPECT_EQ(errno, ENOTDIR);
}

TEST(AtomicFile, WritesNewAndReplacesKeepingModeAndLink)
{
    const TempDir dir;
    EXPECT_EQ(write_file_atomically(dir.path("new"), "one"), WriteResult::written);
    EXPECT_EQ(dir.read("new"), "one");
    const auto old = dir.write("old", "before");
    chmod(old.c_str(), 0604);
    std::filesystem::create_symlink("old", dir.path("link"));
    EXPECT_EQ(write_file_atomically(dir.path("link"), "after"), WriteResult::written);
    EXPECT_TRUE(std::filesystem::is_symlink(dir.path("link")));
    EXPECT_EQ(dir.read("old"), "after");
    struct stat status {};
    stat(old.c_str(), &status);
    EXPECT_EQ(status.st_mode & 07777U, 0604U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 3) << "a temporary file stays";
}

TEST(AtomicFile, LeavesAnEqualFileAlone)
{
    const TempDir dir;
    const auto path = dir.write("same", "text");
    struct stat before {};
    struct stat after {};
    stat(path.c_str(), &before);
    EXPECT_EQ(write_file_atomically(path, "text"), WriteResult::unchanged);
    stat(path.c_str(), &after);
    EXPECT_EQ(before.st_ino, after.st_ino);
    EXPECT_EQ(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
    EXPECT_EQ(write_file_atomically(path, "text", 0600), WriteResult::written) << "the mode differs";
}

TEST(AtomicFile, SaysWhyItCannot)
{
    const TempDir dir;
    EXPECT_EQ(code_of([&] { write_file_atomically(dir.path("no/such/dir"), "x"); }), ExitCode::cant_create);
}

// A reader at any moment, and whoever comes after a SIGKILL at any moment, sees the whole old or the whole new text.
TEST(AtomicFile, KilledAtAnyMomentIsOldOrNew)
{
    const TempDir dir;
    const std::string old_text(100'000, 'o');
    const std::string new_text(150'000, 'n');
    const auto path = dir.write("file", old_text);
    for (int round = 0; round < 50; ++round) {
        const pid_t child = fork();
        if (child == 0) {
            for (;;) {
                write_file_atomically(path, new_text);
                write_file_atomically(path, old_text);
            }
        }
        usleep(static_cast<useconds_t>(500 + 300 * round));
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        const auto text = dir.read("file");
        ASSERT_TRUE(text == old_text || text == new_text) << text.size();
    }
}

TEST(ParentDirectory, TakesSlashesAtTheEndForNothing)
{
    for (const auto& [path, parent] : std::map<std::string, std::string>{
             {"a", "."}, {"a/", "."}, {"/a", "/"}, {"/", "/"}, {"/a/b", "/a"}, {"/a/b//", "/a"}, {"a/b/c", "a/b"}}) {
        EXPECT_EQ(dcm::sys::parent_directory(path), parent) << path;
    }
}

TEST(EnvSecret, ReadsVariableOrFileButNotBoth)
{
    const TempDir dir;
    unsetenv("DCM_T");
    unsetenv("DCM_T_FILE");
    EXPECT_EQ(dcm::sys::env_secret("DCM_T"), std::nullopt);
    setenv("DCM_T_FILE", dir.write("secret", "a b\n").c_str(), 1);
    EXPECT_EQ(dcm::sys::env_secret("DCM_T"), "a b");
    setenv("DCM_T_FILE", dir.write("empty", "").c_str(), 1);
    EXPECT_EQ(dcm::sys::env_secret("DCM_T"), "");
    setenv("DCM_T", "x", 1);
    EXPECT_EQ(code_of([] { dcm::sys::env_secret("DCM_T"); }), ExitCode::config);
    setenv("DCM_T", "", 1);
    setenv("DCM_T_FILE", dir.path("absent").c_str(), 1);
    EXPECT_EQ(code_of([] { dcm::sys::env_secret("DCM_T"); }), ExitCode::no_input);
}

TEST(SecretFile, OneVerdictWhateverWroteIt)
{
    const TempDir dir;
    const auto verdict = [&dir](const std::string& content) -> std::string {
        try {
            return dcm::sys::read_secret_file(dir.write("s", content), "MYSQL_PASSWORD_FILE");
        } catch (const Error& failure) {
            EXPECT_EQ(failure.code(), ExitCode::config);
            const std::string text = failure.what();
            return text.substr(text.find("names: ") + 7);
        }
    };
    const std::map<std::string, std::string> table{
        {"", ""},
        {"\n", ""},
        {"secret", "secret"},
        {"secret\n", "secret"},
        {"secret\r\n", "secret"},
        {"\xef\xbb\xbfsecret\r\n", "secret"},
        {" se cret\t\n", " se cret\t"},
        {"contraseña", "contraseña"},
        {"secret\n\n", "it has more than one line; leave the secret alone in it"},
        {"secret\nsecond\n", "it has more than one line; leave the secret alone in it"},
        {"secret\rsecond", "it has more than one line; leave the secret alone in it"},
        {std::string("se\0cret", 7), "it has more than one line; leave the secret alone in it"},
        {std::string("\xff\xfes\0", 4), "it is UTF-16; save it as UTF-8"},
        {std::string("\xfe\xff\0s", 4), "it is UTF-16; save it as UTF-8"},
    };
    for (const auto& [content, expected] : table) {
        EXPECT_EQ(verdict(content), expected) << dcm::quoted(content);
    }
    EXPECT_EQ(code_of([&] { dcm::sys::read_secret_file(dir.path(), "X"); }), ExitCode::no_input);
    EXPECT_EQ(code_of([&] { dcm::sys::read_secret_file(dir.write("huge", std::string(70000, 'x')), "X"); }),
              ExitCode::no_input);
}

}  // namespace
