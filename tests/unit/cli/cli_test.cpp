// SPDX-License-Identifier: Apache-2.0
#include <dcm/cli/run.hpp>
#include <dcm/cli/variables.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using dcm::Error;
using dcm::ExitCode;
using dcm::cli::parse;
using dcm::cli::typo_hints;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

const dcm::cli::Spec k_spec{"dcm-x",
                            "Test.",
                            {{"timeout", "DURATION", "a time", "DCM_X_TIMEOUT", "2m"},
                             {"force", "", "a flag", "DCM_X_FORCE"},
                             {"count", "N", "a number"},
                             {"", "", "What is dear"},
                             {"mode", "MODE", "a mode", "DCM_X_MODE DCM_X_OLD", "", dcm::cli::BadValue::refuse}},
                            ""};

std::string error_of(const std::vector<std::string>& arguments)
{
    try {
        parse(k_spec, arguments);
    } catch (const Error& failure) {
        EXPECT_EQ(failure.code(), ExitCode::usage);
        return failure.what();
    }
    return "";
}

TEST(Parse, OptionBeatsEnvironmentBeatsDefault)
{
    unsetenv("DCM_X_TIMEOUT");
    EXPECT_EQ(parse(k_spec, {}).duration("timeout"), 2min);
    setenv("DCM_X_TIMEOUT", "7s", 1);
    EXPECT_EQ(parse(k_spec, {}).duration("timeout"), 7s);
    EXPECT_EQ(parse(k_spec, {"--timeout=5"}).duration("timeout"), 5s);
    setenv("DCM_X_TIMEOUT", "", 1);
    EXPECT_EQ(parse(k_spec, {}).duration("timeout"), 2min) << "empty is unset";
    setenv("DCM_X_TIMEOUT", "never", 1);
    EXPECT_EQ(parse(k_spec, {}).duration("timeout"), 2min) << "a slip in the environment is a warning";
    EXPECT_THROW(parse(k_spec, {"--timeout=never"}).duration("timeout"), Error);
    EXPECT_THROW(parse(k_spec, {"--timeout=50ms"}).period("timeout"), Error) << "not again and again";
    unsetenv("DCM_X_TIMEOUT");
}

TEST(Parse, TheFirstVariableThatIsSetCountsAndARowMayRefuse)
{
    const auto mode = [] {
        return parse(k_spec, {})
            .setting(
                "mode", [](const std::string& text) { return text == "good" ? std::optional(text) : std::nullopt; },
                "no mode");
    };
    EXPECT_EQ(mode(), std::nullopt);
    setenv("DCM_X_OLD", "good", 1);
    EXPECT_EQ(mode(), "good");
    setenv("DCM_X_MODE", "bad", 1);
    try {
        mode();
        FAIL();
    } catch (const Error& failure) {
        EXPECT_EQ(failure.code(), ExitCode::config);
        EXPECT_STREQ(failure.what(), "DCM_X_MODE: 'bad' is no mode");
    }
    unsetenv("DCM_X_MODE");
    unsetenv("DCM_X_OLD");
}

TEST(Parse, FlagsFromTheEnvironment)
{
    for (const char* yes : {"1", "true", "yes", "on"}) {
        setenv("DCM_X_FORCE", yes, 1);
        EXPECT_TRUE(parse(k_spec, {}).flag("force")) << yes;
    }
    setenv("DCM_X_FORCE", "no", 1);
    EXPECT_FALSE(parse(k_spec, {}).flag("force"));
    EXPECT_TRUE(parse(k_spec, {"--force"}).flag("force"));
    setenv("DCM_X_FORCE", "perhaps", 1);
    EXPECT_FALSE(parse(k_spec, {}).flag("force")) << "a slip in the environment is a warning";
    unsetenv("DCM_X_FORCE");
}

TEST(Parse, TakesWhatFollowsTheDashesUntouched)
{
    const auto invocation = parse(k_spec, {"--count", "3", "--", "cmd", "--timeout", "x", "--", "-y"});
    EXPECT_THAT(invocation.trailing(), ElementsAre("cmd", "--timeout", "x", "--", "-y"));
    EXPECT_EQ(invocation.number("count", 1, 9), 3U);
}

TEST(Parse, RefusesMistakesWithOneLine)
{
    EXPECT_EQ(error_of({"--tim", "3"}), "unknown option '--tim'; try 'dcm-x --help'") << "no abbreviations";
    EXPECT_EQ(error_of({"--nope"}), "unknown option '--nope'; try 'dcm-x --help'");
    EXPECT_EQ(error_of({"word"}), "unexpected argument 'word'; a command goes after '--'; try 'dcm-x --help'");
    EXPECT_EQ(error_of({"--count", "1", "--count", "2"}), "option '--count' given twice; try 'dcm-x --help'");
    EXPECT_EQ(error_of({"--"}), "no command after '--'; try 'dcm-x --help'");
    EXPECT_NE(error_of({"--count"}), "");
    EXPECT_NE(error_of({"--force=1"}), "");
    EXPECT_NE(error_of({"-x"}), "");
    EXPECT_EQ(error_of({"a\nb"}), "unexpected argument 'a\\nb'; a command goes after '--'; try 'dcm-x --help'");
}

TEST(Parse, RefusesNumbersOutOfRange)
{
    for (const char* bad : {"-5", "0", "10", "x", "99999999999999999999", ""}) {
        EXPECT_THROW(parse(k_spec, {std::string("--count=") + bad}).number("count", 1, 9), Error) << bad;
    }
}

TEST(Typos, AreHintedAtOnceByTheCommandThatReadsTheName)
{
    EXPECT_THAT(typo_hints("dcm-configure-db", {"MYSQL_PASSWROD=x"}),
                ElementsAre("unknown variable 'MYSQL_PASSWROD', ignoring; did you mean MYSQL_PASSWORD?"));
    EXPECT_THAT(typo_hints("dcm-wait-db", {"MYSQL_PASSWROD=x"}), IsEmpty());
    EXPECT_THAT(typo_hints("dcm-configure-db", {"MYSQL_PASS=x"}),
                ElementsAre("nothing reads the variable 'MYSQL_PASS'; use MYSQL_PASSWORD"));
    EXPECT_THAT(typo_hints("dcm-wait-db", {"MYSQL_PASS=x"}), IsEmpty());
    EXPECT_THAT(typo_hints("dcm-seed-volume", {"DCM_HARDEN=full"}),
                ElementsAre("nothing reads the variable 'DCM_HARDEN'; see docs/security.md"));
    for (const char* fine :
         {"MYSQL_HOST=x", "MYSQL_ROOT_PASSWORD=x", "MYSQL_PORT_3306_TCP_ADDR=x", "MYSQL_SERVICE_HOST=x", "PATH=x",
          "MYSQL_RETRY_CONNECT=5", "MYSQL_VERSION=8", "DCM_SOMETHING_ELSE_ALTOGETHER=x"}) {
        EXPECT_THAT(typo_hints("dcm-configure-db", {fine}), IsEmpty()) << fine;
        EXPECT_THAT(typo_hints("dcm-wait-db", {fine}), IsEmpty()) << fine;
    }
}

TEST(Unread, IsNoVariableOfOurs)
{
    for (const auto& unread : dcm::cli::unread_variables()) {
        for (const auto& variable : dcm::cli::variables()) {
            EXPECT_NE(unread.name, variable.name);
        }
        EXPECT_FALSE(unread.instead.empty()) << unread.name;
    }
}

TEST(Help, SaysEverything)
{
    const auto text = dcm::cli::help_text(k_spec);
    for (const char* part : {"Usage: dcm-x [OPTION...] [-- COMMAND [ARG...]]", "--timeout DURATION", "(default: 2m)",
                             "[DCM_X_TIMEOUT]", "--log-format FORMAT", "[DCM_X_MODE] [DCM_X_OLD]",
                             "\nWhat is dear:\n  --mode", "Exit status:\n  0 ", "\n  64 ", "\n  126 "}) {
        EXPECT_NE(text.find(part), std::string::npos) << part;
    }
    EXPECT_EQ(text.find("-- \n"), std::string::npos);
}

TEST(Help, EachVariableOnceAndTheCommandsOwnStatuses)
{
    const dcm::cli::Spec start{
        "dcm-start", "", {{"run-as", "UID", "user", "DCM_RUN_AS"}}, "", dcm::cli::Trailing::arguments};
    const auto text = dcm::cli::help_text(start);
    const auto count = [&text](const std::string& word) {
        std::size_t found = 0;
        for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
            ++found;
        }
        return found;
    };
    EXPECT_EQ(count("DCM_RUN_AS"), 1U);
    EXPECT_EQ(count("JAVA_OPTS"), 1U);
    EXPECT_EQ(count("\n  127 "), 1U);
    for (const char* status :
         {"\n  77 ", "\n  78 ", "\n  128+N ", "\n  127                     there is no bin/run.sh"}) {
        EXPECT_EQ(count(status), 1U) << status;
    }
}

}  // namespace
