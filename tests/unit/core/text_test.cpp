// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using dcm::parse_duration;
using dcm::parse_size;
using dcm::parse_unsigned;

TEST(ParseUnsigned, TakesDigitsInRangeOnly)
{
    EXPECT_EQ(parse_unsigned("0", 0, 9), 0U);
    EXPECT_EQ(parse_unsigned("65535", 1, 65535), 65535U);
    for (const char* bad : {"", "-5", "+5", " 5", "5 ", "5x", "65536", "99999999999999999999", "0x10", "1.5"}) {
        EXPECT_EQ(parse_unsigned(bad, 1, 65535), std::nullopt) << bad;
    }
}

TEST(ParseDuration, KnowsItsUnits)
{
    EXPECT_EQ(parse_duration("30"), 30s);
    EXPECT_EQ(parse_duration("0"), 0ms);
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("2m"), 2min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    EXPECT_EQ(parse_duration("3650d"), 24h * 3650);
    for (const char* bad : {"", "-5", "5x", "5 s", "3651d", "99999999999", "18446744073709551615h", "s", "1.5s"}) {
        EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
    }
}

TEST(ParsePeriod, IsNeverABusyLoop)
{
    EXPECT_EQ(dcm::parse_period("100ms"), 100ms);
    EXPECT_EQ(dcm::parse_period("1"), 1s);
    for (const char* bad : {"0", "0s", "99ms", "", "x"}) {
        EXPECT_EQ(dcm::parse_period(bad), std::nullopt) << bad;
    }
}

TEST(ParseSize, KnowsItsUnits)
{
    EXPECT_EQ(parse_size("512"), 512U);
    EXPECT_EQ(parse_size("1K"), 1024U);
    EXPECT_EQ(parse_size("2g"), 2ULL << 30U);
    EXPECT_EQ(parse_size("3MB"), 3ULL << 20U);
    EXPECT_EQ(parse_size("3MiB"), 3ULL << 20U);
    for (const char* bad : {"", "-1", "1X", "1iB", "16777216T", "B"}) {
        EXPECT_EQ(parse_size(bad), std::nullopt) << bad;
    }
}

TEST(Printable, LeavesOneLineAndUtf8)
{
    EXPECT_EQ(dcm::printable("contraseña"), "contraseña");
    EXPECT_EQ(dcm::printable("a\nb\tc\rd\x1b[31m\x7f"), "a\\nb\\tc\\rd\\x1b[31m\\x7f");
    EXPECT_EQ(dcm::printable("\xc2\x85y"), "\\xc2\\x85y");
    EXPECT_EQ(dcm::quoted("x"), "'x'");
}

TEST(EditDistance, CountsEditsAndSwaps)
{
    EXPECT_EQ(dcm::edit_distance("", "abc"), 3U);
    EXPECT_EQ(dcm::edit_distance("MYSQL_PASSWROD", "MYSQL_PASSWORD"), 1U);
    EXPECT_EQ(dcm::edit_distance("kitten", "sitting"), 3U);
}

TEST(Split, KeepsEmptyParts)
{
    EXPECT_EQ(dcm::split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
    EXPECT_EQ(dcm::split("", ',').size(), 1U);
}

TEST(Human, SizesAndDurations)
{
    EXPECT_EQ(dcm::human_size(0), "0 B");
    EXPECT_EQ(dcm::human_size(999), "999 B");
    EXPECT_EQ(dcm::human_size(1500), "1.5 kB");
    EXPECT_EQ(dcm::human_size(60'000'000), "60 MB");
    EXPECT_EQ(dcm::human_duration(850ms), "850 ms");
    EXPECT_EQ(dcm::human_duration(200s), "3 min 20 s");
    EXPECT_EQ(dcm::human_duration(2h), "2 h");
    EXPECT_EQ(dcm::human_duration(76h), "3 d 4 h");
}

}  // namespace
