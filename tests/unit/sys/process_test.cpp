// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/sys/process.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

using dcm::sys::Command;
using dcm::sys::run;
using namespace std::chrono_literals;

Command shell(const std::string& line) { return {{"sh", "-c", line}, "", std::nullopt, std::nullopt}; }

TEST(Run, TellsExit15FromSignal15)
{
    const auto exited = run(shell("exit 15")).status;
    EXPECT_EQ(exited.exit_code(), 15);
    EXPECT_EQ(exited.shell_code(), 15);
    const auto killed = run(shell("kill -TERM $$")).status;
    EXPECT_EQ(killed.signal(), SIGTERM);
    EXPECT_EQ(killed.shell_code(), 143);
    EXPECT_EQ(killed.str(), "killed by signal 15 (Terminated)");
    EXPECT_TRUE(run({{"true"}, "", {}, {}}).status.success());
}

TEST(Run, TakesBothStreamsAndGivesInput)
{
    EXPECT_EQ(run(shell("echo out; echo err >&2")).text, "out\nerr\n");
    const std::string large(300'000, 'x');
    EXPECT_EQ(run({{"cat"}, large, {}, {}}).text, large);
    EXPECT_EQ(run({{"sh", "-c", "echo $A:$PATH"}, "", std::vector<std::string>{"A=b c"}, {}}).text.substr(0, 4),
              "b c:");
}

TEST(Run, PassesArgumentsUntouched)
{
    EXPECT_EQ(run({{"printf", "%s|", "a b", "'q'", "$HOME", ""}, "", {}, {}}).text, "a b|'q'|$HOME||");
}

TEST(Run, LeaksNoDescriptor)
{
    const int leak = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int inherited = open("/dev/null", O_RDONLY);
    const auto held_by_child = [](int fd) {
        return run(shell("[ -e /proc/$$/fd/" + std::to_string(fd) + " ]")).status.success();
    };
    EXPECT_FALSE(held_by_child(leak));
    EXPECT_TRUE(held_by_child(inherited)) << "the check itself works";
    close(inherited);
    close(leak);
}

TEST(Run, EndsWhatTakesTooLong)
{
    const auto polite = run({{"sleep", "60"}, "", {}, 50ms});
    EXPECT_TRUE(polite.timed_out);
    EXPECT_EQ(polite.status.signal(), SIGTERM);
    const auto stubborn = run({{"sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done"}, "", {}, 200ms});
    EXPECT_TRUE(stubborn.timed_out);
    EXPECT_EQ(stubborn.status.signal(), SIGKILL);
}

TEST(Run, NamesWhatCannotBeRun)
{
    try {
        run({{"dcm-no-such-program"}, "", {}, {}});
        FAIL();
    } catch (const dcm::Error& failure) {
        EXPECT_EQ(failure.code(), dcm::ExitCode::not_found);
        EXPECT_STREQ(failure.what(), "cannot run 'dcm-no-such-program': not in PATH; install it");
    }
    EXPECT_THROW(run({{"/dev/null"}, "", {}, {}}), dcm::Error);
}

// What a child prints that `child` describes, with what it is to run.
std::string output_of(dcm::sys::LongLived child, const std::string& line)
{
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    child.argv = {"sh", "-c", line};
    child.descriptors = {{STDOUT_FILENO, ends[1]}};
    const pid_t pid = spawn(child);
    close(ends[1]);
    std::string text;
    char byte = 0;
    while (read(ends[0], &byte, 1) == 1) {
        text += byte;
    }
    close(ends[0]);
    waitpid(pid, nullptr, 0);
    return text;
}

TEST(Spawn, GivesWhatWasAskedForAndNothingMore)
{
    dcm::sys::LongLived child;
    child.null_input = true;
    child.directory = "/tmp";
    child.environment = {"A=b c", "PATH=/usr/bin:/bin"};
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, nullptr);
    std::signal(SIGUSR2, SIG_IGN);
    EXPECT_EQ(output_of(child, "cat; pwd; echo $A; grep -E 'Sig(Blk|Ign)' /proc/self/status"),
              "/tmp\nb c\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
    std::signal(SIGUSR2, SIG_DFL);
    child.session = dcm::sys::Session::own;
    EXPECT_EQ(output_of(child, "[ $(cut -d' ' -f6 /proc/self/stat) = $$ ] && echo own"), "own\n");
}

TEST(Spawn, TakesRightsAway)
{
    if (geteuid() != 0) {
        GTEST_SKIP() << "needs root";
    }
    dcm::sys::LongLived child;
    child.privileges = dcm::sys::Privileges::none;
    const std::string none = "0000000000000000";
    const std::string capabilities = "awk '/^(Cap(Prm|Eff|Bnd)|NoNewPrivs)/ { print $2 }' /proc/self/status";
    EXPECT_EQ(output_of(child, capabilities), none + "\n" + none + "\n" + none + "\n1\n");
    child.privileges = dcm::sys::Privileges::file_access;
    const std::string dac_override = "0000000000000002";
    EXPECT_EQ(output_of(child, capabilities), dac_override + "\n" + dac_override + "\n" + dac_override + "\n1\n");
    child.privileges = dcm::sys::Privileges::none;
    child.credentials = dcm::sys::Credentials{65534, 65533};
    EXPECT_EQ(output_of(child, "id -u; id -g; id -G"), "65534\n65533\n65533\n");
}

TEST(InChild, ReturnsWhatTheActionDoesAndHasNoRights)
{
    EXPECT_EQ(dcm::sys::in_child(std::nullopt, [] { return 42; }), 42);
    EXPECT_THROW(dcm::sys::in_child(std::nullopt,
                                    [] {
                                        raise(SIGKILL);
                                        return 0;
                                    }),
                 dcm::Error);
    if (geteuid() == 0) {
        EXPECT_EQ(dcm::sys::in_child(std::nullopt, [] { return setgid(1) == 0 ? 1 : 0; }), 0)
            << "root without capabilities";
        EXPECT_EQ(dcm::sys::in_child(dcm::sys::Credentials{65534, 65534},
                                     [] { return getuid() == 65534 && getgid() == 65534 ? 7 : 0; }),
                  7);
    }
}

TEST(FindInPath, TakesOnlyWhatCanBeRun)
{
    EXPECT_EQ(dcm::sys::find_in_path("/no/such"), "/no/such") << "a path is taken as it is";
    EXPECT_TRUE(dcm::sys::find_in_path("sh"));
    EXPECT_FALSE(dcm::sys::find_in_path("dcm-no-such"));
    const std::string before = getenv("PATH");
    setenv("PATH", "/etc:/", 1);
    EXPECT_FALSE(dcm::sys::find_in_path("passwd")) << "not executable";
    EXPECT_FALSE(dcm::sys::find_in_path("etc")) << "a directory";
    setenv("PATH", "/nowhere::", 1);
    const auto here = std::filesystem::current_path();
    std::filesystem::current_path("/bin");
    EXPECT_EQ(dcm::sys::find_in_path("sh"), "./sh") << "an empty part is the working directory, as it is to execvp";
    std::filesystem::current_path(here);
    unsetenv("PATH");
    EXPECT_TRUE(dcm::sys::find_in_path("sh")) << "without PATH the usual places";
    setenv("PATH", before.c_str(), 1);
}

// Boost's own pipe would get the lowest free numbers: those that the child's descriptors are to have.
TEST(Spawn, NamesWhatCannotBeRunWhateverNumbersItsDescriptorsGet)
{
    const int ours = open("/dev/null", O_WRONLY | O_CLOEXEC);
    for (int number = 3; number < 20; ++number) {
        if (number == ours) {
            continue;
        }
        dcm::sys::LongLived child;
        child.argv = {"/dev/null"};
        child.descriptors = {{number, ours}};
        EXPECT_THROW(spawn(child), dcm::Error) << number;
    }
    close(ours);
}

}  // namespace
