// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/leak_guard.hpp>

#include <gmock/gmock.h>

using namespace dcm::archive;
using namespace std::chrono_literals;
using dcm::Clock;

namespace {

constexpr std::uint64_t k_mb = 1'000'000;

// A guard, its clock, and the number of open associations.
class Watched {
public:
    explicit Watched(std::optional<std::uint64_t> limit) : m_guard(limit) {}

    // One sample a minute for `length`; how many of them asked for a restart.
    int pass(std::chrono::minutes length, std::uint64_t resident)
    {
        int restarts = 0;
        for (int i = 0; i < length.count(); ++i) {
            m_now += 1min;
            if (const auto reason = m_guard.judge(resident, m_now, [this] { return m_associations; })) {
                m_reason = *reason;
                m_guard.forget();
                ++restarts;
            }
        }
        return restarts;
    }

    LeakGuard m_guard;
    Clock::time_point m_now{};
    std::size_t m_associations = 0;
    std::string m_reason;
};

}  // namespace

TEST(LeakGuard, RestartsWhatIsAboveTheLimitForAMinute)
{
    Watched jvm(100 * k_mb);
    EXPECT_EQ(jvm.pass(60min, 100 * k_mb), 0);
    EXPECT_EQ(jvm.pass(1min, 101 * k_mb), 0);
    EXPECT_EQ(jvm.pass(1min, 101 * k_mb), 1);
    EXPECT_EQ(jvm.m_reason, "the JVM holds 101 MB of memory, more than DCM_MAX_RSS allows (100 MB)");
}

TEST(LeakGuard, APeakIsNoLeak)
{
    Watched jvm(100 * k_mb);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(jvm.pass(1min, 200 * k_mb), 0);
        EXPECT_EQ(jvm.pass(1min, 50 * k_mb), 0);
    }
}

TEST(LeakGuard, WaitsForAssociationsAndLooksMoreOftenThen)
{
    Watched jvm(100 * k_mb);
    EXPECT_EQ(jvm.m_guard.interval(), 1min);
    jvm.m_associations = 1;
    EXPECT_EQ(jvm.pass(12h, 200 * k_mb), 0);
    EXPECT_EQ(jvm.m_guard.interval(), 10s);
    jvm.m_associations = 0;
    EXPECT_EQ(jvm.pass(1min, 200 * k_mb), 1);
    EXPECT_EQ(jvm.m_guard.interval(), 1min);
}

TEST(LeakGuard, ALimitThatIsTooLowRestartsOnceAnHour)
{
    Watched jvm(100 * k_mb);
    EXPECT_EQ(jvm.pass(6h, 200 * k_mb), 6);
}

TEST(LeakGuard, WithoutALimitDoesNothing)
{
    Watched jvm(std::nullopt);
    EXPECT_FALSE(jvm.m_guard.enabled());
    EXPECT_EQ(jvm.pass(24h, 1'000'000 * k_mb), 0);
}
