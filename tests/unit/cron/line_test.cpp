// SPDX-License-Identifier: Apache-2.0
#include <dcm/cron/crontab.hpp>
#include <dcm/cron/line.hpp>
#include <dcm/sys/process.hpp>

#include <gmock/gmock.h>

#include <random>
#include <string>
#include <vector>

using dcm::cron::has_input;
using dcm::cron::Line;
using dcm::cron::parse_line;
using dcm::cron::shell_command;

namespace {

Line::Kind kind(const std::string& text) { return parse_line(text).kind; }

// Makes lines as people write them, and worse.
class Generator {
public:
    std::string line()
    {
        switch (number(12)) {
        case 0:
            return setting();
        case 1:
            return pick({"@daily", "@reboot", "@hourly ", "@midnight\t", "@never", "@", "@weekly*", "@yearly *"}) +
                   pick({"", " x", " * x"});
        case 2:
            return noise(number(40));
        case 3:
            return "# " + noise(10);
        case 4:
            return blank() + fields() + std::string(990 + number(12), 'c');
        default:
            return (number(4) == 0 ? blank() : "") + fields() + command();
        }
    }

private:
    std::size_t number(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(m_random); }
    std::string pick(const std::vector<std::string>& from) { return from[number(from.size())]; }
    std::string blank() { return pick({" ", "\t", "  ", " \t "}); }
    std::string noise(std::size_t size)
    {
        static const std::string k_characters = "*/,-0123456789 \t%@=\"'#abcdemonjanSUN\\.~\xC3\xB1\xFF?LW";
        std::string text;
        for (std::size_t i = 0; i < size; ++i) {
            text.push_back(k_characters[number(k_characters.size())]);
        }
        return text;
    }
    std::string value()
    {
        return pick({"0",
                     "1",
                     "5",
                     "7",
                     "8",
                     "12",
                     "13",
                     "23",
                     "24",
                     "31",
                     "32",
                     "59",
                     "60",
                     "007",
                     "-1",
                     "1x",
                     "jan",
                     "DEC",
                     "mon",
                     "Sun",
                     "xyz",
                     "4294967296",
                     "99999999999999999999",
                     "",
                     "1.5",
                     "L",
                     "?"});
    }
    std::string range()
    {
        switch (number(8)) {
        case 0:
        case 1:
        case 2:
            return "*";
        case 3:
            return "*/" + value();
        case 4:
            return value() + "-" + value();
        case 5:
            return value() + "-" + value() + "/" + value();
        case 6:
            return value() + pick({"", "/", "/5", "-", ",", "x", "~3", "#2", "\xFF", "*"});
        default:
            return std::to_string(1 + number(7));
        }
    }
    std::string fields()
    {
        std::string text;
        const std::size_t count = number(20) == 0 ? 4 + number(3) : 5;
        for (std::size_t i = 0; i < count; ++i) {
            // mostly sound, or no line would be
            text += number(3) == 0 ? range() : pick({"*", "1", "*/2", "1-5", "1,3", "2-6/2"});
            text += number(20) == 0 ? "," + range() : "";
            text += blank();
        }
        return text;
    }
    std::string command() { return pick({"", "x", "* x", "echo %", "\xFF", "root x", "A=1 x", "\xC3\xB1", "  "}); }
    std::string setting()
    {
        return pick({"", " ", "\t"}) + pick({"A", "\"A\"", "'A B'", "A B", "", "\"A", "A\"", "*", "5"}) +
               pick({"", " ", "\v"}) + pick({"=", "==", "", " = "}) +
               pick({"", "x", " x y ", "\"x\"", "'x' ", "\"x\"y", "\"x", "'x'z", "\"\"", "x\"", " "}) +
               pick({"", "\r"});
    }

    std::mt19937 m_random{2718};
};

bool crontab_takes(const std::string& table)
{
    return dcm::sys::run({{"crontab", "-n", "-"}, table, std::nullopt, std::nullopt}).status.success();
}

// A quote that ends the line makes cron read on behind the end of its buffer: what comes of it is a matter of chance.
bool is_undefined(const std::string& line)
{
    const auto last = line.find_last_not_of("\r");
    if (last == std::string::npos || (line[last] != '"' && line[last] != '\'')) {
        return false;
    }
    const auto before = last == 0 ? std::string::npos : line.find_last_not_of(" \t\v\r", last - 1);
    return before == std::string::npos || line[before] == '=';
}

// Every line in `good` must be taken; says which are not.
void expect_taken(const std::vector<std::string>& good, std::size_t begin, std::size_t end)
{
    std::string table;
    for (std::size_t i = begin; i < end; ++i) {
        table += good[i] + "\n";
    }
    if (begin == end || crontab_takes(table)) {
        return;
    }
    if (end - begin == 1) {
        ADD_FAILURE() << "crontab refuses: " << ::testing::PrintToString(good[begin]);
        return;
    }
    expect_taken(good, begin, begin + (end - begin) / 2);
    expect_taken(good, begin + (end - begin) / 2, end);
}

}  // namespace

TEST(Line, IsASettingAJobOrNothing)
{
    EXPECT_EQ(kind(""), Line::Kind::nothing);
    EXPECT_EQ(kind(" \t# x"), Line::Kind::nothing);
    EXPECT_EQ(parse_line(" A = \"b c\" ").value, "b c");
    EXPECT_EQ(parse_line("'A'=b c ").value, "b c");
    EXPECT_EQ(kind("A="), Line::Kind::bad);
    const auto job = parse_line("  */15 2-4 * jan,Feb Mon-fri  /x y %z");
    EXPECT_EQ(job.kind, Line::Kind::job);
    EXPECT_EQ(job.when, "*/15 2-4 * jan,Feb Mon-fri");
    EXPECT_EQ(job.command, "/x y %z");
    EXPECT_EQ(job.schedule.minutes.count(), 4U);
    EXPECT_EQ(job.schedule.months.count(), 2U);
    EXPECT_TRUE(job.schedule.follows_clock);
    EXPECT_TRUE(parse_line("0 0 * * 7 x").schedule.weekdays[0]);
    for (const char* bad : {"60 * * * * x", "* 24 * * * x", "* * 0 * * x", "* * * 13 * x", "* * * * 8 x", "* * * *",
                            "1/5 * * * * x", "*/0 * * * * x", "* * * * * * x", "@fortnightly x", "a b"}) {
        EXPECT_EQ(kind(bad), Line::Kind::bad) << bad;
    }
}

TEST(Line, GivesTheShellWhatCronGivesIt)
{
    EXPECT_EQ(shell_command("date +\\%Y%in%put"), "date +%Y");
    EXPECT_EQ(shell_command("a\\\\b \\n \\"), "a\\b \\n \\");
    EXPECT_TRUE(has_input("a % b"));
    EXPECT_FALSE(has_input("a \\% b"));
}

TEST(Line, FiveThousandVerdictsAreThoseOfCrontab)
{
    if (!dcm::sys::find_in_path("crontab")) {
        GTEST_SKIP() << "needs cron";
    }
    Generator generator;
    std::vector<std::string> good;
    int bad = 0;
    for (int i = 0; i < 5000; ++i) {
        const auto line = generator.line();
        if (is_undefined(line)) {
            continue;
        }
        if (kind(line) != Line::Kind::bad) {
            good.push_back(line);
            continue;
        }
        ++bad;
        EXPECT_FALSE(crontab_takes(line + "\n")) << "crontab takes: " << ::testing::PrintToString(line);
    }
    EXPECT_GT(good.size(), 1000U);
    EXPECT_GT(bad, 1000);
    for (std::size_t begin = 0; begin < good.size(); begin += 1000) {
        expect_taken(good, begin, std::min(begin + 1000, good.size()));
    }
}
