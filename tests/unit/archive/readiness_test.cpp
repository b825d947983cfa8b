// SPDX-License-Identifier: Apache-2.0
// With a clock of its own, a port that really listens, and a program in the place of echoscu.
#include <dcm/archive/readiness.hpp>

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdlib>
#include <memory>

#include <temp_dir.hpp>

using namespace dcm::archive;
using namespace std::chrono_literals;
using dcm::Clock;
using State = Readiness::State;

namespace {

class ReadinessTest : public ::testing::Test {
protected:
    ReadinessTest()
    {
        setenv("PATH", (m_directory.path("bin") + ":/usr/bin:/bin").c_str(), 1);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        m_socket.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        socklen_t size = sizeof(address);
        EXPECT_EQ(bind(m_socket.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
        EXPECT_EQ(getsockname(m_socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
        m_readiness = std::make_unique<Readiness>(HealthTarget{"AET", ntohs(address.sin_port)});
        echo_answers("exit 0");
        m_readiness->server_started(m_now);
    }

    void echo_answers(const std::string& script)
    {
        const auto path = m_directory.write("bin/echoscu",
                                            "#!/bin/sh\necho x >>" + m_directory.path("echoes") + "\n" + script + "\n");
        chmod(path.c_str(), 0755);
    }
    void listen_on_port() { EXPECT_EQ(listen(m_socket.get(), 1), 0); }
    void say_started() { m_readiness->on_started_line(m_now); }
    auto echoes() const { return m_directory.read("echoes").size() / 2; }

    // Second by second, waiting for every echo to end.
    void pass(std::chrono::seconds length)
    {
        for (int i = 0; i < length.count(); ++i) {
            m_now += 1s;
            m_readiness->on_time(m_now);
            while (m_readiness->probing()) {
                int status = 0;
                const pid_t pid = waitpid(-1, &status, 0);
                m_readiness->on_reaped(pid, dcm::sys::ExitStatus::decode(status), m_now);
            }
        }
    }

    const TempDir m_directory;
    dcm::sys::Fd m_socket;
    Clock::time_point m_now{};
    std::unique_ptr<Readiness> m_readiness;
};

}  // namespace

TEST_F(ReadinessTest, NeedsBothTheLineAndAnAnswer)
{
    pass(20s);
    EXPECT_EQ(echoes(), 0U);  // nobody listens
    listen_on_port();
    pass(5s);
    EXPECT_EQ(m_readiness->last().answer, EchoResult::Answer::accepted);
    EXPECT_EQ(m_readiness->state(), State::starting);
    EXPECT_EQ(echoes(), 1U);
    say_started();
    pass(1s);
    EXPECT_EQ(m_readiness->state(), State::ready);
    EXPECT_EQ(echoes(), 1U);
}

TEST_F(ReadinessTest, IsReadyWithin200MillisecondsOfTheLine)
{
    listen_on_port();
    pass(3s);  // an echo was answered before
    say_started();
    m_readiness->on_time(m_now);
    EXPECT_EQ(m_readiness->state(), State::ready);
}

TEST_F(ReadinessTest, AsksAtOnceWhenTheLineComes)
{
    echo_answers("exit 1");
    listen_on_port();
    pass(2s);
    EXPECT_EQ(echoes(), 1U);  // refused; the next one in 5 s
    echo_answers("exit 0");
    say_started();
    m_readiness->on_time(m_now);
    EXPECT_TRUE(m_readiness->probing());
}

TEST_F(ReadinessTest, LooksForThePortMoreOftenOnceTheLineHasCome)
{
    say_started();
    m_readiness->on_time(m_now);
    EXPECT_LE(*m_readiness->next() - m_now, 100ms);
    pass(11s);
    m_readiness->on_time(m_now);
    EXPECT_GE(*m_readiness->next() - m_now, 900ms);
}

TEST_F(ReadinessTest, AnAnswerAloneCountsAfterAMinute)
{
    listen_on_port();
    pass(60s);
    EXPECT_EQ(m_readiness->state(), State::starting);
    pass(2s);
    EXPECT_EQ(m_readiness->state(), State::ready);
}

TEST_F(ReadinessTest, AsksOnceAMinuteFromThenOn)
{
    listen_on_port();
    say_started();
    pass(1s);
    EXPECT_EQ(m_readiness->state(), State::ready);
    pass(10min);
    EXPECT_EQ(echoes(), 11U);
    EXPECT_GE(*m_readiness->next() - m_now, 1s);
}

TEST_F(ReadinessTest, AsksLessAndLessWhileNobodyAnswers)
{
    echo_answers("echo 'F: Association Request Failed'; exit 1");
    listen_on_port();
    say_started();
    pass(175s);
    EXPECT_EQ(echoes(), 6U);  // at 1, 6, 16, 36, 76, 136 s
    EXPECT_EQ(m_readiness->overdue(m_now), "");
    pass(10s);
    EXPECT_THAT(m_readiness->overdue(m_now), ::testing::HasSubstr("does not answer: Association Request Failed"));
    EXPECT_THAT(m_readiness->overdue(m_now), ::testing::HasSubstr("; dcm-start --restart once the cause is gone"));
    echo_answers("exit 0");
    pass(60s);
    EXPECT_EQ(m_readiness->state(), State::ready);
}

TEST_F(ReadinessTest, FallsSilentAndHeals)
{
    listen_on_port();
    say_started();
    pass(1s);
    echo_answers("sleep 0; exit 1");
    pass(60s);
    EXPECT_EQ(m_readiness->state(), State::silent);
    const auto asked = echoes();
    pass(60s);
    EXPECT_EQ(echoes(), asked + 6);
    echo_answers("echo 'F: Association Rejected:'; exit 1");
    pass(10s);
    EXPECT_EQ(m_readiness->state(), State::ready);
    m_socket.reset();
    pass(60s);
    EXPECT_EQ(m_readiness->state(), State::silent);
    EXPECT_THAT(m_readiness->last().text, ::testing::HasSubstr("nothing listens on port"));
}

TEST_F(ReadinessTest, WithoutEchoscuThePortHasToDo)
{
    setenv("PATH", "/nowhere", 1);
    listen_on_port();
    say_started();
    pass(2s);
    EXPECT_EQ(m_readiness->state(), State::ready);
    EXPECT_EQ(m_readiness->last().answer, EchoResult::Answer::untested);
}

TEST_F(ReadinessTest, AStartThatNeverEndsIsOverdue)
{
    m_now += 29min;
    pass(1s);
    EXPECT_EQ(m_readiness->overdue(m_now), "");
    m_now += 59s;
    EXPECT_EQ(m_readiness->overdue(m_now), "not ready 30 min after the start; see server.log");
    m_readiness->server_over();
    EXPECT_EQ(m_readiness->state(), State::none);
    EXPECT_EQ(m_readiness->overdue(m_now), "");
}

TEST_F(ReadinessTest, TheAnswerOfAnEarlierRunIsNotTaken)
{
    echo_answers("exec sleep 100");
    listen_on_port();
    m_now += 1s;
    m_readiness->on_time(m_now);
    ASSERT_TRUE(m_readiness->probing());
    m_readiness->server_over();
    m_readiness->server_started(m_now);
    EXPECT_FALSE(m_readiness->probing());
    int status = 0;
    const pid_t pid = waitpid(-1, &status, 0);  // it was ended
    EXPECT_FALSE(m_readiness->on_reaped(pid, dcm::sys::ExitStatus::decode(status), m_now));
    EXPECT_EQ(m_readiness->last().answer, EchoResult::Answer::none);
}
