// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/sys/exec.hpp>
#include <dcm/sys/signals.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

namespace {

using dcm::sys::exec_command;
using dcm::sys::SignalsHeld;

std::string failure_of(const std::vector<std::string>& argv)
{
    try {
        exec_command(argv);
    } catch (const dcm::Error& failure) {
        return std::to_string(to_int(failure.code())) + " " + failure.what();
    }
}

TEST(Exec, KnowsTheToolkitsOwnByName)
{
    EXPECT_TRUE(dcm::sys::is_tool("dcm-start"));
    EXPECT_TRUE(dcm::sys::is_tool("/usr/bin/dcm-start"));
    EXPECT_FALSE(dcm::sys::is_tool("/opt/dcm-x/run.sh"));
    EXPECT_FALSE(dcm::sys::is_tool("sh"));
}

TEST(Exec, SaysWhyACommandCannotBeRun)
{
    EXPECT_EQ(failure_of({"dcm-no-such"}),
              "127 cannot run 'dcm-no-such': no such command; check the command after '--'");
    EXPECT_EQ(failure_of({"/dev/null/x"}),
              "127 cannot run '/dev/null/x': no such command; check the command after '--'");
    EXPECT_EQ(failure_of({"/dev/null"}), "126 cannot run '/dev/null': permission denied; check the command after '--'");
}

TEST(Exec, BecomesTheCommandWithItsArguments)
{
    EXPECT_EXIT(exec_command({"sh", "-c", "exit $#", "x", "a b", ""}), testing::ExitedWithCode(2), "");
}

TEST(Signals, EndTheProcessAtOnceAndAreUnblocked)
{
    const auto raised = [](int signal) {
        sigset_t set;
        sigfillset(&set);
        sigprocmask(SIG_BLOCK, &set, nullptr);
        dcm::sys::end_on_signals();
        raise(signal);
        _exit(1);
    };
    EXPECT_EXIT(raised(SIGTERM), testing::ExitedWithCode(143), "");
    EXPECT_EXIT(raised(SIGINT), testing::ExitedWithCode(130), "");
}

TEST(Signals, WaitWhileTheyAreHeld)
{
    const auto held = [] {
        dcm::sys::end_on_signals();
        {
            const SignalsHeld outer;
            {
                const SignalsHeld inner;
                raise(SIGTERM);
            }
            [[maybe_unused]] const auto written = write(STDERR_FILENO, "still here", 10);
        }
        _exit(1);
    };
    EXPECT_EXIT(held(), testing::ExitedWithCode(143), "still here");
}

}  // namespace
