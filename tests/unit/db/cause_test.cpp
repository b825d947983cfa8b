// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/cause.hpp>

#include <gtest/gtest.h>

#include <set>

namespace {

using dcm::ExitCode;
using dcm::db::Cause;
using dcm::db::Failure;

const dcm::datasource::Login k_login{"db", "3306", "pacsdb", "pacs", "s3cret"};

std::string denied(const std::string& password, const std::string& detail = "Access denied for user 'pacs'@'%'")
{
    auto login = k_login;
    login.password = password;
    return dcm::db::explain({Cause::access_denied, 1045, detail}, login);
}

TEST(Causes, EveryOneHasANameSaysWhatToDoAndNoSecret)
{
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Cause::other); ++i) {
        const Failure failure{static_cast<Cause>(i), 1, "detail; remedy"};
        const auto text = dcm::db::explain(failure, k_login);
        EXPECT_EQ(text.find("s3cret"), std::string::npos);
        EXPECT_TRUE(names.insert(dcm::db::name(failure.cause)).second);
        EXPECT_NE(text.find("; "), std::string::npos) << text;
    }
    EXPECT_EQ(*names.begin(), "access_denied");
}

TEST(Causes, NumbersOfServerAndClient)
{
    EXPECT_EQ(dcm::db::cause_of(1045), Cause::access_denied);
    EXPECT_EQ(dcm::db::cause_of(4151), Cause::access_denied) << "locked";
    EXPECT_EQ(dcm::db::cause_of(1040), Cause::not_ready);
    EXPECT_EQ(dcm::db::cause_of(1317), Cause::not_ready) << "a server that shuts down interrupts";
    EXPECT_EQ(dcm::db::cause_of(2005), Cause::unknown_host);
    EXPECT_EQ(dcm::db::cause_of(4711), Cause::other);
}

TEST(Causes, ExitCodesTellADenialFromAnUnreachableServer)
{
    EXPECT_EQ(dcm::db::exit_code(Cause::access_denied), ExitCode::no_permission);
    EXPECT_EQ(dcm::db::exit_code(Cause::no_right), ExitCode::no_permission);
    EXPECT_EQ(dcm::db::exit_code(Cause::unknown_host), ExitCode::unavailable);
    EXPECT_EQ(dcm::db::exit_code(Cause::unknown_database), ExitCode::unavailable);
    EXPECT_EQ(dcm::db::exit_code(Cause::archive_missing), ExitCode::temp_fail);
}

TEST(Causes, APasswordThatLooksEscapedIsHintedAt)
{
    for (const auto* const password : {"a\\&b", "a\\|b", "a&amp;b"}) {
        EXPECT_NE(denied(password).find("it is written plain now"), std::string::npos) << password;
    }
    EXPECT_EQ(denied("a&b|c").find("plain"), std::string::npos);
}

TEST(Causes, AnAnonymousUserIsNamedOnlyForLocalhost)
{
    EXPECT_NE(denied("x", "Access denied for user 'pacs'@'localhost'").find("DROP USER ''@'localhost'"),
              std::string::npos);
    EXPECT_EQ(denied("x").find("DROP USER"), std::string::npos);
}

}  // namespace
