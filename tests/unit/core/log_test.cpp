// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cerrno>

namespace {

using dcm::Level;
using dcm::log::Format;

TEST(LogText, IsOneLineWhateverTheValueHolds)
{
    const dcm::log::Settings settings{"dcm-x", Level::info, Format::text};
    EXPECT_EQ(format_text(settings, {Level::info, "done", {}}), "dcm-x: done\n");
    EXPECT_EQ(format_text(settings, {Level::warning, "a\nb", {}}), "dcm-x: warning: a\\nb\n");
}

TEST(LogJson, HasFixedKeysThenFields)
{
    const dcm::log::Settings settings{"dcm-x", Level::info, Format::json};
    const auto line =
        format_json(settings, {Level::error, "x\n\xff", {{"attempt", 3LL}, {"cause", std::string("dns")}}});
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["level"], "error");
    EXPECT_EQ(json["tool"], "dcm-x");
    EXPECT_EQ(json["attempt"], 3);
    EXPECT_EQ(json["cause"], "dns");
    EXPECT_TRUE(json["pid"].is_number());
    EXPECT_EQ(json["time"].get<std::string>().size(), std::string("2026-11-24T10:00:00.000000Z").size());
}

TEST(LogKept, HasEachComplaintOnceAndNotTheRest)
{
    dcm::log::configure({"dcm-x", Level::error, Format::text});
    dcm::log::keep("dcm-w: warning: before");
    for (int i = 0; i < 2; ++i) {
        dcm::log::warning("old\ndriver");
        dcm::log::write({Level::warning, "refused, waiting", {}, true});
        dcm::log::info("done");
    }
    EXPECT_EQ(dcm::log::kept(), (std::vector<std::string>{"dcm-w: warning: before", "dcm-x: warning: old\\ndriver"}));
    for (int i = 0; i < 100; ++i) {
        dcm::log::keep(std::to_string(i) + std::string(1000, 'x'));
    }
    EXPECT_EQ(dcm::log::kept().size(), 16U);
    EXPECT_EQ(dcm::log::kept().back().size(), 500U);
}

TEST(LogNames, RoundTrip)
{
    for (const auto level : {Level::error, Level::warning, Level::info, Level::debug}) {
        EXPECT_EQ(dcm::log::parse_level(dcm::log::name(level)), level);
    }
    EXPECT_EQ(dcm::log::parse_level("INFO"), std::nullopt);
    EXPECT_EQ(dcm::log::parse_format("xml"), std::nullopt);
}

TEST(SystemError, NamesReasonAndRemedyAndPicksTheCode)
{
    const auto denied = dcm::system_error("cannot open 'x'", EACCES, dcm::ExitCode::io_error, "run it as root");
    EXPECT_STREQ(denied.what(), "cannot open 'x': permission denied; run it as root");
    EXPECT_EQ(denied.code(), dcm::ExitCode::no_permission);
    EXPECT_EQ(dcm::system_error("x", ENOSPC).code(), dcm::ExitCode::io_error);
}

}  // namespace
