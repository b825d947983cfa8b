// SPDX-License-Identifier: Apache-2.0
#include <dcm/sys/time_zone.hpp>

#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <temp_dir.hpp>

using dcm::sys::zone_conflict;
using dcm::sys::zone_fault;
using dcm::sys::zone_name;
using ::testing::HasSubstr;

TEST(TimeZone, KnowsWhatTheCLibraryKnows)
{
    if (!std::filesystem::exists("/usr/share/zoneinfo/Europe/Madrid")) {
        GTEST_SKIP() << "needs tzdata";
    }
    setenv("TZ", "Asia/Tokyo", 1);
    for (const char* good : {"", "UTC", "UTC0", "Europe/Madrid", ":Europe/Madrid", "/usr/share/zoneinfo/Asia/Tokyo",
                             "CET-1", "CET-1CEST,M3.5.0,M10.5.0/3", "<-03>3", "EST5EDT"}) {
        EXPECT_FALSE(zone_fault(good)) << good;
    }
    for (const char* bad : {"Europe", "Europe/Madird", "Europe/Madrid ", "nonsense", "CET-", "<AB>1", "UTC+",
                            "../../../etc/passwd", "/etc/passwd"}) {
        EXPECT_EQ(zone_fault(bad).value_or(""),
                  "there is no time zone '" + std::string(bad) + "' (TZ); use a name such as 'Europe/Madrid'");
    }
    EXPECT_STREQ(getenv("TZ"), "Asia/Tokyo") << "as it was";
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    EXPECT_EQ(localtime_r(&now, &local)->tm_gmtoff, 9 * 3600) << "and what the C library makes of it";
    unsetenv("TZ");
    EXPECT_TRUE(zone_fault("nonsense"));
    EXPECT_EQ(getenv("TZ"), nullptr);
}

TEST(TimeZone, WithoutADatabaseOnlyUtcAndSpelledOutRulesAreLeft)
{
    EXPECT_FALSE(zone_fault("Etc/UTC", "/nonexistent"));
    EXPECT_FALSE(zone_fault("CET-1CEST", "/nonexistent"));
    EXPECT_THAT(zone_fault("Europe/Madird", "/nonexistent").value_or(""), HasSubstr("install tzdata"));
}

TEST(TimeZone, AMountedLocaltimeThatDisagreesIsNamed)
{
    const std::string database = "/usr/share/zoneinfo/";
    if (!std::filesystem::exists(database + "America/Sao_Paulo")) {
        GTEST_SKIP() << "needs tzdata";
    }
    EXPECT_EQ(zone_conflict("UTC", database + "America/Sao_Paulo"),
              "TZ is 'UTC' (UTC+0000), but '/usr/share/zoneinfo/America/Sao_Paulo', which is mounted, is another zone "
              "(UTC-0300); TZ counts: take one of the two away");
    EXPECT_TRUE(zone_conflict("Europe/Madrid", database + "Africa/Algiers")) << "the same in winter only";
    EXPECT_FALSE(zone_conflict("Europe/Madrid", database + "Europe/Paris")) << "another name, the same time";
    EXPECT_FALSE(zone_conflict("", database + "Asia/Tokyo"));
    EXPECT_FALSE(zone_conflict("UTC", "/nonexistent"));
    EXPECT_FALSE(zone_conflict("UTC", "/etc/passwd"));
}

namespace {

const std::string k_database = "/usr/share/zoneinfo";

// The same zones as k_database, in the bytes of another release of tzdata
bool compile_slim(const std::string& directory)
{
    return std::system(("zic -b slim -d '" + directory + "' " + k_database + "/tzdata.zi 2>/dev/null").c_str()) == 0;
}

std::string content(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST(TimeZone, AMountedLocaltimeGetsItsNameByTheTimesThatItTells)
{
    const TempDir slim;
    if (!compile_slim(slim.path())) {
        GTEST_SKIP() << "needs zic and tzdata";
    }
    for (const char* name : {"America/Sao_Paulo", "America/Argentina/Buenos_Aires", "America/Montevideo",
                             "America/Santiago", "Europe/Madrid", "Atlantic/Canary", "Africa/Casablanca"}) {
        const std::string file = slim.path() + "/" + name;
        EXPECT_EQ(zone_name(file, k_database).value_or("none"), name);
        EXPECT_EQ(zone_name(k_database + "/" + name, slim.path()).value_or("none"), name);
    }
    EXPECT_NE(content(slim.path() + "/Europe/Madrid"), content(k_database + "/Europe/Madrid"));
    EXPECT_EQ(getenv("TZ"), nullptr);
}

TEST(TimeZone, ALocaltimeThatIsNoZoneOfTheDatabaseHasNoName)
{
    const TempDir slim;
    if (!compile_slim(slim.path())) {
        GTEST_SKIP() << "needs zic and tzdata";
    }
    const std::string own = slim.path() + "/own";
    std::ofstream(own) << "Zone Ours 0:17 - OUR\n";
    ASSERT_EQ(std::system(("zic -d '" + slim.path() + "/ours' " + own).c_str()), 0);
    EXPECT_FALSE(zone_name(slim.path() + "/ours/Ours", k_database));
    EXPECT_FALSE(zone_name("/etc/passwd", k_database));
    EXPECT_FALSE(zone_name("/etc", k_database)) << "what Docker mounts where the host has no such file";
    EXPECT_FALSE(zone_name(slim.path() + "/Europe/Madrid", "/nonexistent"));
}
