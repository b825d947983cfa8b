// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/console.hpp>
#include <dcm/archive/inquiry.hpp>
#include <dcm/core/error.hpp>
#include <dcm/sys/file.hpp>

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

using namespace dcm::archive;
using namespace std::chrono_literals;
using dcm::Clock;
using dcm::sys::ExitStatus;
using ::testing::ElementsAre;

namespace {

std::optional<Inquiry::Answer> reap(Inquiry& inquiry)
{
    int status = 0;
    const pid_t pid = waitpid(-1, &status, 0);
    return inquiry.on_reaped(pid, ExitStatus::decode(status));
}

dcm::sys::LongLived shell(const std::string& script)
{
    dcm::sys::LongLived program;
    program.argv = {"sh", "-c", script};
    return program;
}

}  // namespace

TEST(Inquiry, TellsWhatAProgramPrintedAndHowItEnded)
{
    Inquiry inquiry;
    ASSERT_TRUE(inquiry.ask(shell("echo out; echo err >&2; exit 3"), Clock::time_point{}, 10s));
    EXPECT_TRUE(inquiry.pending());
    EXPECT_FALSE(inquiry.on_reaped(1, ExitStatus::exited(0)));
    const auto answer = reap(inquiry);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->text, "out\nerr\n");
    EXPECT_EQ(answer->status.exit_code(), 3);
    EXPECT_FALSE(inquiry.pending());
    EXPECT_FALSE(inquiry.next());
}

TEST(Inquiry, AFunctionAnswersToo)
{
    Inquiry inquiry;
    ASSERT_TRUE(inquiry.ask(
        {}, [] { return std::string("answer"); }, Clock::time_point{}, 10s));
    EXPECT_EQ(reap(inquiry)->text, "answer");
    ASSERT_TRUE(inquiry.ask(
        {}, []() -> std::string { throw std::runtime_error("x"); }, Clock::time_point{}, 10s));
    EXPECT_EQ(reap(inquiry)->status.exit_code(), 70);
}

TEST(Inquiry, AtItsLimitItIsLateAndNothingElseIsAskedUntilItIsGone)
{
    Inquiry inquiry;
    const Clock::time_point begin{};
    ASSERT_TRUE(inquiry.ask(shell("exec sleep 1000"), begin, 10s));
    EXPECT_EQ(inquiry.next(), begin + 10s);
    EXPECT_FALSE(inquiry.on_time(begin + 9s));
    const auto late = inquiry.on_time(begin + 10s);
    ASSERT_TRUE(late);
    EXPECT_TRUE(late->late);
    EXPECT_FALSE(inquiry.pending());
    EXPECT_FALSE(inquiry.ask(shell("true"), begin + 11s, 10s));
    EXPECT_FALSE(reap(inquiry));  // it was killed; that is no second answer
    EXPECT_TRUE(inquiry.ask(shell("true"), begin + 12s, 10s));
    EXPECT_TRUE(reap(inquiry));
}

TEST(Inquiry, AbandonedItsAnswerIsNobodys)
{
    Inquiry inquiry;
    ASSERT_TRUE(inquiry.ask(shell("exec sleep 1000"), Clock::time_point{}, {}));
    EXPECT_FALSE(inquiry.next());
    inquiry.abandon();
    EXPECT_FALSE(inquiry.pending());
    EXPECT_FALSE(reap(inquiry));
}

TEST(Console, CopiesWholeLinesAndSeesEach)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    const dcm::sys::Fd read_end(ends[0]);
    const dcm::sys::Fd write_end(ends[1]);
    const auto take = [&] {
        std::string text(100000, '\0');
        const auto got = ::read(read_end.get(), text.data(), text.size());
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    };
    std::vector<std::string> seen;
    Console console(write_end.get(), [&](std::string_view line) { seen.emplace_back(line); });
    ASSERT_TRUE(dcm::sys::write_all(console.write_end(), "one\ntwo\nthr"));
    console.work();
    EXPECT_EQ(take(), "one\ntwo\n");
    ASSERT_TRUE(dcm::sys::write_all(console.write_end(), "ee\nfour"));
    console.work();
    EXPECT_EQ(take(), "three\n");
    EXPECT_THAT(seen, ElementsAre("one\n", "two\n", "three\n"));
    console.finish();
    EXPECT_EQ(take(), "four");
    const std::string flood(50000, 'x');
    ASSERT_TRUE(dcm::sys::write_all(console.write_end(), flood + "\n"));
    std::string got;
    for (int i = 0; i < 100; ++i) {
        console.work();
        got += take();
    }
    EXPECT_EQ(got.size(), flood.size() + 1);
}
