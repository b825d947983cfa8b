// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/admin_password.hpp>

#include <gtest/gtest.h>

#include "fake_session.hpp"

namespace {

using namespace dcm::db;

TEST(AdminPassword, HashIsThatOfTheShippedRows)
{
    EXPECT_EQ(password_hash("admin"), "0DPiKuNIrrVmD8IUCuw1hQxNqZc=");
    EXPECT_EQ(password_hash("user"), "Et6pb+wgWTVmq3VpLJlJWWgzrck=");
}

TEST(AdminPassword, TheShippedOnesAreKnown)
{
    FakeSession session;
    auto& rows = session.answers["SELECT user_id, passwd"].rows;
    rows = {{"admin", password_hash("admin")}, {"user", password_hash("user")}};
    EXPECT_EQ(users_with_shipped_password(session), (std::vector<std::string>{"admin", "user"}));
    rows = {{"admin", password_hash("user")}, {"user", password_hash("user")}};
    EXPECT_EQ(users_with_shipped_password(session), (std::vector<std::string>{"user"})) << "each its own";
    rows = {{"admin", password_hash("s3cret")}, {"user", ""}};
    EXPECT_TRUE(users_with_shipped_password(session).empty());
    session.answers["SELECT user_id, passwd"] = {{}, Failure{Cause::other, 1146, "no such table"}};
    EXPECT_TRUE(users_with_shipped_password(session).empty());
}

TEST(AdminPassword, OnlyTheShippedOneIsReplaced)
{
    FakeSession session;
    EXPECT_FALSE(replace_shipped_password(session, "admin", "s3cret"));
    ASSERT_EQ(session.asked.size(), 1U);
    EXPECT_EQ(session.asked[0].first, "UPDATE users SET passwd = ? WHERE user_id = ? AND passwd = ?");
    EXPECT_EQ(session.asked[0].second,
              (std::vector<std::string>{password_hash("s3cret"), "admin", password_hash("admin")}));
    session.answers["UPDATE"] = {{}, Failure{Cause::no_right, 1142, "denied"}};
    EXPECT_EQ(replace_shipped_password(session, "admin", "s3cret")->number, 1142);
}

}  // namespace
