// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/sys/process.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>

#include <csignal>
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
