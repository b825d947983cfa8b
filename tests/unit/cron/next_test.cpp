// SPDX-License-Identifier: Apache-2.0
#include <dcm/cron/line.hpp>
#include <dcm/cron/next.hpp>

#include <gmock/gmock.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>

using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

// Local times as text, in the zone of the fixture.
class NextRuns : public ::testing::Test {
protected:
    void SetUp() override
    {
        if (!std::filesystem::exists("/usr/share/zoneinfo/Europe/Madrid")) {
            GTEST_SKIP() << "needs tzdata";
        }
        use("Europe/Madrid");
    }
    void TearDown() override
    {
        unsetenv("TZ");
        tzset();
    }
    static void use(const char* zone)
    {
        setenv("TZ", zone, 1);
        tzset();
    }
    // `after` is UTC, "2026-03-29 00:30".
    static std::vector<std::string> next(const std::string& schedule, const char* after, std::size_t count)
    {
        std::tm utc{};
        strptime(after, "%Y-%m-%d %H:%M", &utc);
        std::vector<std::string> result;
        for (const auto run :
             dcm::cron::next_runs(dcm::cron::parse_line(schedule + " x").schedule, timegm(&utc), count)) {
            std::tm local{};
            localtime_r(&run, &local);
            std::array<char, 64> text{};
            std::strftime(text.data(), text.size(), "%d %H:%M %Z", &local);
            result.emplace_back(text.data());
        }
        return result;
    }
};

}  // namespace

TEST_F(NextRuns, AreInTheZone)
{
    EXPECT_THAT(next("0 4 * * *", "2026-06-01 00:00", 2), ElementsAre("01 04:00 CEST", "02 04:00 CEST"));
    use("Asia/Kolkata");
    EXPECT_THAT(next("0 4 * * *", "2026-06-01 00:00", 1), ElementsAre("02 04:00 IST"));
}

// On the 29th of March 2026 at 01:00 UTC the clock goes from 02:00 to 03:00.
TEST_F(NextRuns, ClockPutForward)
{
    EXPECT_THAT(next("30 2 * * *", "2026-03-28 12:00", 3),
                ElementsAre("29 03:00 CEST", "30 02:30 CEST", "31 02:30 CEST"))
        << "made up for at once";
    EXPECT_THAT(next("*/30 * * * *", "2026-03-29 00:15", 4),
                ElementsAre("29 01:30 CET", "29 03:00 CEST", "29 03:30 CEST", "29 04:00 CEST"));
    EXPECT_THAT(next("30 * * * *", "2026-03-29 00:15", 3),
                ElementsAre("29 01:30 CET", "29 03:30 CEST", "29 04:30 CEST"));
    EXPECT_THAT(next("0 3 * * *", "2026-03-28 12:00", 2), ElementsAre("29 03:00 CEST", "30 03:00 CEST"));
}

// On the 25th of October 2026 at 01:00 UTC the clock goes from 03:00 back to 02:00.
TEST_F(NextRuns, ClockPutBack)
{
    EXPECT_THAT(next("30 2 * * *", "2026-10-24 12:00", 2), ElementsAre("25 02:30 CEST", "26 02:30 CET")) << "not twice";
    EXPECT_THAT(
        next("*/30 * * * *", "2026-10-25 00:15", 6),
        ElementsAre("25 02:30 CEST", "25 02:00 CET", "25 02:30 CET", "25 03:00 CET", "25 03:30 CET", "25 04:00 CET"));
    EXPECT_THAT(next("30 2 * * *", "2026-10-25 01:10", 1), ElementsAre("26 02:30 CET"))
        << "asked in the repeated hour: it has run";
    EXPECT_THAT(next("0 3 * * *", "2026-10-24 12:00", 2), ElementsAre("25 03:00 CET", "26 03:00 CET"));
}

TEST_F(NextRuns, OtherChanges)
{
    use("Australia/Lord_Howe");  // half an hour, on the 4th of October 2026 from 02:00 to 02:30
    EXPECT_THAT(next("15 2 * * *", "2026-10-03 00:00", 2), ElementsAre("04 02:30 +11", "05 02:15 +11"));
    use("Pacific/Apia");  // the 30th of December 2011 did not happen
    EXPECT_THAT(next("0 12 * * *", "2011-12-29 00:00", 3), ElementsAre("29 12:00 -10", "31 12:00 +14", "01 12:00 +14"));
}

TEST_F(NextRuns, DaysAndWeekdays)
{
    EXPECT_THAT(next("0 0 1 * 1", "2026-06-01 12:00", 3),
                ElementsAre("08 00:00 CEST", "15 00:00 CEST", "22 00:00 CEST"));
    EXPECT_THAT(next("0 0 13 * */5", "2026-01-01 12:00", 1), ElementsAre("13 00:00 CET"))
        << "a weekday with * narrows the day: Sunday or Friday the 13th would be next";
    EXPECT_THAT(next("0 0 29 2 *", "2026-01-01 12:00", 2), ElementsAre("29 00:00 CET", "29 00:00 CET"));
    EXPECT_THAT(next("0 0 30 2 *", "2026-01-01 12:00", 1), IsEmpty());
    EXPECT_THAT(next("0 0 5-3 * *", "2026-01-01 12:00", 1), IsEmpty());
    EXPECT_THAT(next("@reboot", "2026-01-01 12:00", 1), IsEmpty());
}
