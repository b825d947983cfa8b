// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/wait.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace {

using namespace std::chrono_literals;
using dcm::Error;
using dcm::ExitCode;
using dcm::db::Attempt;
using dcm::db::Cause;
using dcm::db::Failure;
using dcm::db::WaitPolicy;

class FakeClock final : public dcm::Clock {
public:
    time_point now() const override { return m_now; }
    void sleep(duration length) override
    {
        slept.push_back(length);
        m_now += length;
    }
    std::vector<duration> slept;

private:
    time_point m_now{};
};

struct Outcome {
    int attempts = 0;
    ExitCode code = ExitCode::ok;
    std::string error;
    std::string cause;
    std::vector<std::string> said;
    std::vector<dcm::Clock::duration> slept;
};

// Each cause for one attempt, the last one for ever; `ok_after` attempts it works.
Outcome wait_through(const std::vector<Cause>& causes, int ok_after, const WaitPolicy& policy)
{
    FakeClock clock;
    Outcome outcome;
    int attempt = 0;
    try {
        outcome.attempts = dcm::db::wait(
            [&](std::chrono::milliseconds) {
                const auto index = std::min(static_cast<std::size_t>(attempt), causes.size() - 1);
                const bool works = ++attempt > ok_after;
                return Attempt{works ? std::nullopt : std::optional(Failure{causes[index], 1, "detail"}),
                               {"db", "3306", "pacsdb", "pacs", "secret"}};
            },
            policy, clock, [&](const dcm::Notice& notice) { outcome.said.push_back(notice.message); });
    } catch (const Error& failure) {
        outcome.code = failure.code();
        outcome.error = failure.what();
        outcome.cause = failure.cause();
    }
    outcome.slept = clock.slept;
    return outcome;
}

TEST(Wait, SaysNothingWhenItWorksAtOnce)
{
    const auto outcome = wait_through({Cause::refused}, 0, {});
    EXPECT_EQ(outcome.attempts, 1);
    EXPECT_TRUE(outcome.said.empty());
    EXPECT_TRUE(outcome.slept.empty());
}

TEST(Wait, LooksOftenWhileNobodyAnswersAndRarelyAfterwards)
{
    const auto outcome = wait_through({Cause::refused, Cause::refused, Cause::access_denied}, 4, {});
    EXPECT_EQ(outcome.slept, (std::vector<dcm::Clock::duration>{100ms, 100ms, 30s, 30s}));
    ASSERT_EQ(outcome.said.size(), 3U);
    EXPECT_NE(outcome.said[0].find("refused"), std::string::npos);
    EXPECT_NE(outcome.said[1].find("access denied"), std::string::npos);
    EXPECT_EQ(outcome.said[2], "the database answers after 1 min");
}

TEST(Wait, SaysAnUnchangedCauseOnceAMinute)
{
    EXPECT_EQ(wait_through({Cause::refused}, 1301, {}).said.size(), 4U) << "at 0, 60 and 120 s, and the end at 130 s";
    WaitPolicy quick;
    quick.interval = 5s;
    EXPECT_EQ(wait_through({Cause::access_denied}, 25, quick).said.size(), 4U);
}

TEST(Wait, EndsAtTheTimeoutToTheMoment)
{
    WaitPolicy policy;
    policy.timeout = 45s;
    const auto outcome = wait_through({Cause::access_denied}, 1000, policy);
    EXPECT_EQ(outcome.code, ExitCode::temp_fail);
    EXPECT_EQ(outcome.slept, (std::vector<dcm::Clock::duration>{30s, 15s}));
    EXPECT_NE(outcome.error.find("gave up after 45 s: access denied for user 'pacs' at 'db:3306'; correct"),
              std::string::npos);
}

TEST(Wait, OnceAndFailFast)
{
    WaitPolicy policy;
    policy.once = true;
    EXPECT_EQ(wait_through({Cause::refused}, 9, policy).code, ExitCode::unavailable);
    EXPECT_EQ(wait_through({Cause::access_denied}, 9, policy).code, ExitCode::no_permission);
    policy = {};
    policy.fail_fast = true;
    EXPECT_EQ(wait_through({Cause::refused}, 2, policy).attempts, 3) << "waiting fixes it";
    EXPECT_EQ(wait_through({Cause::refused, Cause::unknown_database}, 9, policy).code, ExitCode::unavailable);
}

TEST(Wait, ErrorsNameTheirCause)
{
    WaitPolicy policy;
    policy.once = true;
    EXPECT_EQ(wait_through({Cause::access_denied}, 9, policy).cause, "access_denied");
    policy = {};
    policy.timeout = 1s;
    EXPECT_EQ(wait_through({Cause::unknown_host}, 9000, policy).cause, "unknown_host");
}

TEST(Wait, EveryAddressOfAHostCountsAsAConnection)
{
    FakeClock clock;
    int attempt = 0;
    dcm::db::wait(
        [&](std::chrono::milliseconds) {
            return Attempt{++attempt > 1 ? std::nullopt : std::optional(Failure{Cause::refused, 1, "", 3}), {}};
        },
        {}, clock, [](const dcm::Notice&) {});
    EXPECT_EQ(clock.slept, std::vector<dcm::Clock::duration>{300ms});
}

TEST(Wait, AFailingHandshakeIsTriedEverMoreRarely)
{
    EXPECT_EQ(wait_through({Cause::tls}, 8, {}).slept,
              (std::vector<dcm::Clock::duration>{30s, 60s, 120s, 240s, 480s, 960s, 960s, 960s}));
    EXPECT_EQ(wait_through({Cause::tls, Cause::tls, Cause::access_denied, Cause::tls}, 4, {}).slept,
              (std::vector<dcm::Clock::duration>{30s, 60s, 30s, 30s}));
}

TEST(Wait, AnAttemptMayNotOutlastTheTimeoutByMuch)
{
    FakeClock clock;
    std::vector<dcm::Clock::duration> answers;
    WaitPolicy policy;
    policy.timeout = 12s;
    policy.interval = 3s;
    EXPECT_THROW(dcm::db::wait(
                     [&](std::chrono::milliseconds answer) {
                         answers.push_back(answer);
                         return Attempt{Failure{Cause::not_ready, 1, ""}, {}};
                     },
                     policy, clock, [](const dcm::Notice&) {}),
                 Error);
    EXPECT_EQ(answers, (std::vector<dcm::Clock::duration>{10s, 9s, 6s, 3s, 1s}));
}

}  // namespace
