// SPDX-License-Identifier: Apache-2.0
// The life of a server that is none: what follows from what, without a process and without waiting.
#include <dcm/archive/server_life.hpp>
#include <dcm/core/error.hpp>

#include <gmock/gmock.h>

#include <csignal>

using namespace dcm::archive;
using namespace std::chrono_literals;
using dcm::Clock;
using dcm::ExitCode;
using dcm::sys::ExitStatus;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Answers = std::vector<std::pair<ExitCode, std::string>>;

namespace {

class FakeServer final : public ServerActions {
public:
    void start() override
    {
        if (fails) {
            throw dcm::Error(ExitCode::not_found, "no start script");
        }
        runs = true;
        ++starts;
    }
    bool running() const override { return runs; }
    void ask_to_end() override { ++asked; }
    void dump_threads() override { ++dumps; }
    void kill() override { ++kills; }
    std::vector<std::string> last_words() override { return {"server.log: the reason"}; }
    void answer(ExitCode code, const std::string& text) override { answers.emplace_back(code, text); }

    bool fails = false;
    bool runs = false;
    int starts = 0;
    int asked = 0;
    int dumps = 0;
    int kills = 0;
    Answers answers;
};

class ServerLifeTest : public ::testing::Test {
protected:
    explicit ServerLifeTest(std::optional<Clock::duration> stop_timeout = std::nullopt)
        : m_life(m_server, m_board, stop_timeout,
                 [this](const dcm::Notice& notice) { m_said.push_back(notice.message); })
    {
        m_life.begin(m_now);
    }
    void end(const ExitStatus& status)
    {
        m_server.runs = false;
        m_life.on_end(status, m_now);
    }
    void pass(Clock::duration length)
    {
        for (const auto until = m_now + length; m_now < until; m_now += 100ms) {
            m_life.on_time(m_now);
        }
        m_life.on_time(m_now);
    }

    FakeServer m_server;
    StatusBoard m_board{"/proc/nothing", ""};
    std::vector<std::string> m_said;
    Clock::time_point m_now{};
    ServerLife m_life;
};

class LimitedLifeTest : public ServerLifeTest {
protected:
    LimitedLifeTest() : ServerLifeTest(20s) {}
};

const ExitStatus k_ok = ExitStatus::exited(0);

}  // namespace

TEST_F(ServerLifeTest, AStopThatEndsCleanlyIsZero)
{
    for (const auto& status : {k_ok, ExitStatus::exited(143), ExitStatus::killed(SIGTERM), ExitStatus::exited(130)}) {
        FakeServer server;
        ServerLife life(server, m_board, {}, [](const dcm::Notice&) {});
        life.begin(m_now);
        life.stop("stop requested (SIGTERM)", m_now);
        EXPECT_EQ(server.asked, 1);
        EXPECT_EQ(life.phase(), Phase::stopping);
        server.runs = false;
        life.on_end(status, m_now);
        EXPECT_EQ(life.phase(), Phase::over);
        EXPECT_EQ(life.result(), 0) << status.str();
    }
}

TEST_F(ServerLifeTest, AStopThatEndsOtherwisePassesTheStatusOn)
{
    m_life.stop("stop", m_now);
    end(ExitStatus::killed(SIGKILL));
    EXPECT_EQ(m_life.result(), 137);
    EXPECT_THAT(m_said.back(), HasSubstr("not cleanly: killed by signal 9"));
}

TEST_F(ServerLifeTest, AStopThatNobodyLimitedHasNone)
{
    m_life.stop("stop", m_now);
    pass(1h);
    EXPECT_EQ(m_server.dumps + m_server.kills, 0);
    EXPECT_THAT(m_said, Contains("waiting for the server to end, 10 s so far"));
    EXPECT_EQ(m_life.phase(), Phase::stopping);
}

TEST_F(ServerLifeTest, ARestartThatNobodyLimitedHasFiveMinutes)
{
    m_life.restart(restart_kind::requested, "nightly", m_now);
    pass(5min - 1s);
    EXPECT_EQ(m_server.dumps, 0);
    pass(2s);
    EXPECT_EQ(m_server.dumps, 1);
    EXPECT_EQ(m_server.kills, 0);
    pass(2s);
    EXPECT_GT(m_server.kills, 0);
}

TEST_F(LimitedLifeTest, TheLimitThatIsGivenCountsForBoth)
{
    m_life.stop("stop", m_now);
    pass(19s);
    EXPECT_EQ(m_server.dumps, 0);
    pass(2s);
    EXPECT_EQ(m_server.dumps, 1);
    pass(2s);
    EXPECT_GT(m_server.kills, 0);
    end(ExitStatus::killed(SIGKILL));
    EXPECT_EQ(m_life.result(), 137);
}

TEST_F(ServerLifeTest, ASecondStopChangesNothing)
{
    m_life.stop("stop", m_now);
    m_life.stop("stop", m_now);
    EXPECT_EQ(m_server.asked, 1);
    EXPECT_EQ(m_said.back(), "already stopping");
}

TEST_F(ServerLifeTest, ARestartStartsItAgainAndAnswersWhenItIsReady)
{
    m_life.request_restart("nightly", m_now);
    EXPECT_EQ(m_life.phase(), Phase::restarting);
    EXPECT_EQ(m_board.status().state, "restarting");
    end(ExitStatus::exited(7));
    EXPECT_EQ(m_server.starts, 2);
    EXPECT_EQ(m_life.phase(), Phase::serving);
    EXPECT_THAT(m_server.answers, IsEmpty());
    m_life.on_ready();
    EXPECT_EQ(m_server.answers, (Answers{{ExitCode::ok, ""}}));
    EXPECT_EQ(m_board.status().restarts[restart_kind::requested], 1U);
}

TEST_F(ServerLifeTest, OneRestartAtATime)
{
    m_life.request_restart("first", m_now);
    m_life.request_restart("second", m_now);
    EXPECT_EQ(m_server.answers, (Answers{{ExitCode::temp_fail, "a restart is already going on: first"}}));
    end(k_ok);
    m_life.request_restart("third", m_now);  // it runs, and is not ready yet
    EXPECT_EQ(m_server.answers.size(), 2U);
    EXPECT_EQ(m_server.starts, 2);
    m_life.restart(restart_kind::memory, "leak", m_now + 1s);
    EXPECT_EQ(m_life.phase(), Phase::restarting);
    m_life.restart(restart_kind::memory, "leak", m_now + 1s);
    EXPECT_EQ(m_server.asked, 2);
}

TEST_F(ServerLifeTest, WhoAskedForARestartIsToldThatTheArchiveStops)
{
    m_life.request_restart("nightly", m_now);
    m_life.stop("stop", m_now);
    EXPECT_EQ(m_server.answers, (Answers{{ExitCode::temp_fail, "the archive is stopping"}}));
    m_life.request_restart("again", m_now);
    EXPECT_EQ(m_server.answers.back().second, "the archive is stopping; nothing is restarted");
    end(k_ok);
    EXPECT_EQ(m_server.starts, 1);
    EXPECT_EQ(m_life.phase(), Phase::over);
    m_life.request_restart("too late", m_now);
    EXPECT_EQ(m_server.answers.back().first, ExitCode::temp_fail);
    EXPECT_EQ(m_life.phase(), Phase::over);
}

TEST_F(ServerLifeTest, WhoAskedForARestartThatCrashesIsTold)
{
    m_life.request_restart("nightly", m_now);
    end(k_ok);
    end(ExitStatus::exited(3));
    EXPECT_EQ(m_server.answers,
              (Answers{{ExitCode::unavailable, "the server ended unasked after 0 ms: exit status 3"}}));
}

TEST_F(ServerLifeTest, ACleanEndThatNobodyAskedForIsNoCrash)
{
    for (const auto& status : {k_ok, ExitStatus::exited(143), ExitStatus::killed(SIGTERM)}) {
        const int starts = m_server.starts;
        m_now += 6min;  // it ran well
        end(status);
        EXPECT_EQ(m_board.status().state, "waiting");
        EXPECT_FALSE(m_board.status().fault);
        pass(900ms);
        EXPECT_EQ(m_server.starts, starts);
        pass(200ms);
        EXPECT_EQ(m_server.starts, starts + 1) << status.str();
    }
    EXPECT_EQ(m_board.status().restarts[restart_kind::ended], 3U);
}

TEST_F(ServerLifeTest, ACrashEndsWithTheSameStatus)
{
    end(ExitStatus::exited(3));
    EXPECT_EQ(m_life.phase(), Phase::over);
    EXPECT_EQ(m_life.result(), 3);
    EXPECT_THAT(m_said, ElementsAre("server.log: the reason",
                                    "the server ended unasked after 0 ms: exit status 3; ending with the same status"));
    EXPECT_EQ(m_board.status().last_end->status, 3);
    pass(1h);
    EXPECT_EQ(m_server.starts, 1);
}

TEST_F(ServerLifeTest, AStartThatFailsLaterIsTriedAgain)
{
    m_life.restart(restart_kind::requested, "nightly", m_now);
    m_server.fails = true;
    end(k_ok);
    EXPECT_THAT(m_said.back(), HasSubstr("no start script; starting it again in 1 s"));
    EXPECT_TRUE(m_board.status().fault);
    m_server.fails = false;
    pass(1s);
    EXPECT_EQ(m_server.starts, 2);
}

TEST_F(ServerLifeTest, AStopWhileItWaitsToBeStartedAgain)
{
    end(k_ok);
    m_life.stop("stop", m_now);
    EXPECT_EQ(m_life.phase(), Phase::over);
    EXPECT_EQ(m_life.result(), 0);
    pass(1h);
    EXPECT_EQ(m_server.starts, 1);
    EXPECT_FALSE(m_life.next());
}

TEST_F(ServerLifeTest, ARestartWhileItWaitsStartsItAtOnce)
{
    end(k_ok);
    m_life.request_restart("now", m_now);
    m_life.on_time(m_now);
    EXPECT_EQ(m_server.starts, 2);
}

TEST_F(ServerLifeTest, WhatRunShLeavesBehindHasTenSeconds)
{
    m_life.on_remains(m_now);
    pass(9s);
    m_life.on_remains(m_now);  // told again and again, the limit stays
    EXPECT_EQ(m_server.dumps, 0);
    pass(2s);
    EXPECT_EQ(m_server.dumps, 1);
}

TEST_F(ServerLifeTest, AStartThatIsOverdueAnswersWhoAsked)
{
    m_life.request_restart("nightly", m_now);
    end(k_ok);
    m_life.on_overdue();
    EXPECT_EQ(m_server.answers, (Answers{{ExitCode::temp_fail, ""}}));
    EXPECT_THAT(m_said, Not(IsEmpty()));
}
