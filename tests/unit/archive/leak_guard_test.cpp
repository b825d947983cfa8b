// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/leak_guard.hpp>

#include <gmock/gmock.h>

using namespace dcm::archive;
using namespace std::chrono_literals;
using dcm::Clock;
using Action = LeakGuard::Verdict::Action;
using ::testing::HasSubstr;

namespace {

constexpr std::uint64_t k_mb = 1'000'000;

// A guard, a clock that starts at noon, and the number of open associations.
class Night {
public:
    explicit Night(std::optional<std::uint64_t> soft, std::optional<std::uint64_t> hard = std::nullopt)
        : m_guard(soft, hard, *parse_window("23:00-01:00"))
    {
    }

    // One sample a minute for `length`, with `rss`; the first action that is not none.
    Action pass(std::chrono::minutes length, std::uint64_t rss)
    {
        for (int i = 0; i < length.count(); ++i) {
            m_now += 1min;
            m_minute = (m_minute + 1) % (24 * 60);
            auto verdict = m_guard.judge(rss, m_now, m_minute, [this] { return m_associations; });
            if (verdict.action != Action::none) {
                m_text = verdict.text;
                return verdict.action;
            }
        }
        return Action::none;
    }

    LeakGuard m_guard;
    Clock::time_point m_now{};
    int m_minute = 12 * 60;
    std::size_t m_associations = 0;
    std::string m_text;
};

}  // namespace

TEST(Window, IsASpanOfTheDay)
{
    const auto night = parse_window("23:30-01:00");
    ASSERT_TRUE(night);
    EXPECT_TRUE(night->contains(23 * 60 + 30));
    EXPECT_TRUE(night->contains(0));
    EXPECT_FALSE(night->contains(60));
    EXPECT_FALSE(night->contains(12 * 60));
    EXPECT_EQ(night->minutes_left(23 * 60 + 30), 90);
    EXPECT_EQ(night->str(), "23:30-01:00");
    for (const char* const text :
         {"", "-", "02:00", "02:00-02:00", "2:00-5:00", "24:00-01:00", "02:60-03:00", "02:00-05:00 "}) {
        EXPECT_FALSE(parse_window(text)) << text;
    }
}

TEST(MemoryBound, IsASizeOrAPart)
{
    EXPECT_EQ(parse_memory_bound("80%")->of(1000), 800U);
    EXPECT_EQ(parse_memory_bound("3G")->of(1000), 3ULL << 30U);
    for (const char* const text : {"", "%", "0%", "101%", "0", "-1", "x"}) {
        EXPECT_FALSE(parse_memory_bound(text)) << text;
    }
}

TEST(LeakGuard, AnnouncesByDayAndRestartsAtNight)
{
    Night night(100 * k_mb);
    EXPECT_EQ(night.pass(60min, 100 * k_mb), Action::none);
    EXPECT_EQ(night.pass(5min, 101 * k_mb), Action::none);
    EXPECT_EQ(night.pass(1min, 101 * k_mb), Action::announce);
    EXPECT_THAT(night.m_text, HasSubstr("will be restarted between 23:00-01:00"));
    EXPECT_EQ(night.pass(9h, 101 * k_mb), Action::none);
    EXPECT_EQ(night.pass(2h, 101 * k_mb), Action::restart);
    EXPECT_EQ(night.m_minute, 23 * 60);
    EXPECT_THAT(night.m_text, HasSubstr("DCM_MAX_RSS"));
}

TEST(LeakGuard, APeakIsNoLeak)
{
    Night night(100 * k_mb);
    night.m_minute = 23 * 60;
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(night.pass(4min, 200 * k_mb), Action::none);
        EXPECT_EQ(night.pass(1min, 50 * k_mb), Action::none);
    }
}

TEST(LeakGuard, WaitsForAssociationsUntilTheWindowCloses)
{
    Night night(100 * k_mb);
    night.m_minute = 23 * 60;
    night.m_associations = 1;
    EXPECT_EQ(night.pass(6min, 200 * k_mb), Action::announce);
    EXPECT_LT(night.m_guard.interval(), 1min);
    EXPECT_EQ(night.pass(2h, 200 * k_mb), Action::restart);
    EXPECT_EQ(night.m_minute, 50);
}

TEST(LeakGuard, ALimitThatIsTooLowRestartsOnceANight)
{
    Night night(100 * k_mb);
    int restarts = 0;
    for (int minute = 0; minute < 3 * 24 * 60; ++minute) {
        if (night.pass(1min, 200 * k_mb) == Action::restart) {
            ++restarts;
            night.m_guard.forget();
        }
    }
    EXPECT_EQ(restarts, 3);
}

TEST(LeakGuard, TheHardLimitDoesNotWaitForTheNight)
{
    Night night(100 * k_mb, 300 * k_mb);
    night.m_associations = 2;
    EXPECT_EQ(night.pass(4min, 301 * k_mb), Action::none);
    night.m_associations = 0;
    EXPECT_EQ(night.pass(1min, 301 * k_mb), Action::restart);
    EXPECT_THAT(night.m_text, HasSubstr("DCM_MAX_RSS_HARD"));
    night.m_guard.forget();
    EXPECT_EQ(night.pass(5min, 301 * k_mb), Action::none);
    EXPECT_EQ(night.pass(1min, 301 * k_mb), Action::announce);
    EXPECT_EQ(night.pass(1h, 301 * k_mb), Action::restart);
}

TEST(LeakGuard, WithoutLimitsDoesNothing)
{
    Night night(std::nullopt);
    EXPECT_FALSE(night.m_guard.enabled());
    EXPECT_EQ(night.pass(24h, 1'000'000 * k_mb), Action::none);
}
