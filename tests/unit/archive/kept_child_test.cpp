// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/kept_child.hpp>
#include <dcm/core/error.hpp>

#include <gmock/gmock.h>

using namespace dcm::archive;
using namespace std::chrono_literals;
using dcm::Clock;
using dcm::sys::ExitStatus;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

class KeptChildTest : public ::testing::Test {
protected:
    void start()
    {
        m_child.start([this] { return spawn(); }, m_now, m_notify);
    }
    pid_t spawn()
    {
        if (m_failure) {
            throw dcm::Error(*m_failure, "cannot run 'cron'");
        }
        return ++m_pid;
    }
    void die() { m_child.on_reaped(m_pid, ExitStatus::exited(1), m_now, m_notify); }
    void pass(Clock::duration length)
    {
        m_now += length;
        m_child.on_time(m_now, m_notify);
    }

    KeptChild m_child{"cron", "; going on without scheduled jobs"};
    Clock::time_point m_now{};
    pid_t m_pid = 100;
    std::optional<dcm::ExitCode> m_failure;
    std::vector<std::string> m_said;
    const dcm::Notify m_notify = [this](const dcm::Notice& notice) { m_said.push_back(notice.message); };
};

}  // namespace

TEST_F(KeptChildTest, IsStartedAgainLaterAndLater)
{
    start();
    EXPECT_EQ(m_child.pid(), 101);
    die();
    EXPECT_EQ(m_child.pid(), 0);
    EXPECT_THAT(m_said, ElementsAre("cron has ended (exit status 1); starting it again in 1 s"));
    pass(999ms);
    EXPECT_EQ(m_child.pid(), 0);
    pass(1ms);
    EXPECT_EQ(m_child.pid(), 102);
    die();
    EXPECT_EQ(*m_child.next() - m_now, 2s);
    pass(2s);
    pass(10min);  // it runs well
    die();
    EXPECT_EQ(*m_child.next() - m_now, 1s);
}

TEST_F(KeptChildTest, TheEndOfAnotherIsNotItsEnd)
{
    start();
    m_child.on_reaped(m_pid + 1, ExitStatus::exited(0), m_now, m_notify);
    EXPECT_EQ(m_child.pid(), 101);
    EXPECT_THAT(m_said, IsEmpty());
}

TEST_F(KeptChildTest, LetGoItIsNotStartedAgain)
{
    start();
    m_child.let_go();
    die();
    pass(1h);
    EXPECT_EQ(m_child.pid(), 0);
    EXPECT_FALSE(m_child.next());
    EXPECT_THAT(m_said, IsEmpty());
}

TEST_F(KeptChildTest, LetGoWhileItWaitsItIsNotStartedAgain)
{
    start();
    die();
    m_child.let_go();
    pass(1h);
    EXPECT_EQ(m_child.pid(), 0);
}

TEST_F(KeptChildTest, AFailureThatPassesIsTriedAgain)
{
    m_failure = dcm::ExitCode::os_error;
    start();
    EXPECT_THAT(m_said, ElementsAre("cannot run 'cron'; going on without scheduled jobs"));
    m_failure.reset();
    pass(1s);
    EXPECT_EQ(m_child.pid(), 101);
}

TEST_F(KeptChildTest, WhatIsNotThereIsNotTriedAgain)
{
    m_failure = dcm::ExitCode::not_found;
    start();
    EXPECT_FALSE(m_child.next());
}
