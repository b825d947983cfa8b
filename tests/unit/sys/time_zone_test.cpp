// SPDX-License-Identifier: Apache-2.0
#include <dcm/sys/time_zone.hpp>

#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>

using dcm::sys::is_posix_zone;
using dcm::sys::zone_fault;
using ::testing::HasSubstr;

TEST(TimeZone, KnowsWhatTheCLibraryKnows)
{
    if (!std::filesystem::exists("/usr/share/zoneinfo/Europe/Madrid")) {
        GTEST_SKIP() << "needs tzdata";
    }
    for (const char* good : {"", "UTC", "Europe/Madrid", ":Europe/Madrid", "/usr/share/zoneinfo/Asia/Tokyo",
                             "CET-1CEST,M3.5.0,M10.5.0/3", "<-03>3", "EST5EDT"}) {
        EXPECT_FALSE(zone_fault(good)) << good;
    }
    for (const char* bad : {"Europe", "Europe/Madird", "Europe/Madrid ", "nonsense", "UTC+1x", "../../../etc/passwd",
                            "/etc/passwd", "CET-1CEST,M3.5.0"}) {
        EXPECT_TRUE(zone_fault(bad)) << bad;
    }
    EXPECT_THAT(zone_fault("Europe/Madird").value_or(""), HasSubstr("did you mean 'Europe/Madrid'?"));
}

TEST(TimeZone, WithoutADatabaseOnlyUtcAndSpelledOutRulesAreLeft)
{
    EXPECT_FALSE(zone_fault("Etc/UTC", "/nonexistent"));
    EXPECT_FALSE(zone_fault("CET-1CEST", "/nonexistent"));
    EXPECT_THAT(zone_fault("Europe/Madrid", "/nonexistent").value_or(""), HasSubstr("install tzdata"));
}

TEST(TimeZone, PosixRulesAreThoseTheCLibraryTakes)
{
    for (const char* good :
         {"UTC0", "CET-1", "CET-1CEST", "<+0330>-3:30", "AEST-10AEDT,M10.1.0,M4.1.0/3", "XXX3YYY,J60/2:30,300"}) {
        EXPECT_TRUE(is_posix_zone(good)) << good;
        setenv("TZ", good, 1);
        tzset();
        EXPECT_STRNE(tzname[0], "") << good;
    }
    unsetenv("TZ");
    tzset();
    for (const char* bad : {"", "UT0", "UTC", "Europe/Madrid", "CET-", "CET-1:", "<AB>1", "<ABC1", "CET-1CEST,M3.5.0",
                            "CET-1CEST,M3.5.0,", "CET-1CEST,M3.5.0,M10.5.0/3x"}) {
        EXPECT_FALSE(is_posix_zone(bad)) << bad;
    }
}
