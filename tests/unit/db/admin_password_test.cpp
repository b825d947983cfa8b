// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/admin_password.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>

#include "fake_session.hpp"
#include "temp_dir.hpp"

namespace {

using dcm::db::password_hash;

// A table users with the one row, which UPDATE changes.
class Users final : public dcm::db::Session {
public:
    using Session::run;
    explicit Users(const std::string& password) : hash(password_hash(password)) {}

    dcm::db::Result run(const std::string& statement, const std::vector<std::string>& bound) override
    {
        if (statement.rfind("SELECT passwd", 0) == 0) {
            return {{{hash}}, std::nullopt};
        }
        if (statement.rfind("UPDATE", 0) == 0 && bound.at(1) == "admin" && bound.at(2) == hash) {
            hash = bound.at(0);
            ++updates;
        }
        return {};
    }

    std::string hash;
    int updates = 0;
};

class AdminPassword : public ::testing::Test {
protected:
    void apply(Users& users, const std::string& secret)
    {
        EXPECT_FALSE(
            dcm::db::apply_admin_password(users, secret, m_directory.path(".dcm/admin-password"),
                                          [&](const dcm::Notice& notice) { m_said += notice.message + "\n"; }));
    }

    TempDir m_directory;
    std::string m_said;
};

TEST_F(AdminPassword, HashIsThatOfTheShippedRows)
{
    EXPECT_EQ(password_hash("admin"), "0DPiKuNIrrVmD8IUCuw1hQxNqZc=");
    EXPECT_EQ(password_hash("user"), "Et6pb+wgWTVmq3VpLJlJWWgzrck=");
}

TEST_F(AdminPassword, TheShippedOneIsKnown)
{
    Users users("admin");
    EXPECT_TRUE(dcm::db::has_shipped_admin_password(users));
    users.hash = password_hash("s3cret");
    EXPECT_FALSE(dcm::db::has_shipped_admin_password(users));
    FakeSession empty;
    EXPECT_FALSE(dcm::db::has_shipped_admin_password(empty));
}

TEST_F(AdminPassword, ReplacesTheShippedOneOnce)
{
    Users users("admin");
    apply(users, "s3cret");
    apply(users, "s3cret");
    EXPECT_EQ(users.hash, password_hash("s3cret"));
    EXPECT_EQ(users.updates, 1);
    EXPECT_EQ(m_said.find("s3cret"), std::string::npos);
}

TEST_F(AdminPassword, OneChangedInTheWebPageStays)
{
    Users users("admin");
    apply(users, "s3cret");
    users.hash = password_hash("chosen in the web page");
    apply(users, "s3cret");
    EXPECT_EQ(users.hash, password_hash("chosen in the web page"));
    apply(users, "another secret");
    EXPECT_EQ(users.hash, password_hash("another secret")) << "the secret has changed";
}

TEST_F(AdminPassword, OneChangedInTheWebPageStaysThoughTheMemoryIsDamaged)
{
    Users users("admin");
    apply(users, "s3cret");
    users.hash = password_hash("chosen in the web page");
    const std::string whole = m_directory.read(".dcm/admin-password");
    for (const auto& damaged : {std::string(), std::string("garbage"), whole.substr(0, whole.size() / 2)}) {
        m_directory.write(".dcm/admin-password", damaged);
        apply(users, "s3cret");
        EXPECT_EQ(users.hash, password_hash("chosen in the web page")) << damaged;
    }
}

TEST_F(AdminPassword, OneThatWasThereBeforeTheSecretStays)
{
    Users users("long ago");
    apply(users, "s3cret");
    EXPECT_EQ(users.hash, password_hash("long ago"));
    EXPECT_NE(m_said.find("a password of its own already"), std::string::npos);
    m_said.clear();
    apply(users, "s3cret");
    EXPECT_EQ(m_said, "") << "said once";
    apply(users, "changed");
    EXPECT_EQ(users.hash, password_hash("changed"));
}

TEST_F(AdminPassword, ADatabaseMadeAnewGetsItAgain)
{
    Users users("admin");
    apply(users, "s3cret");
    Users fresh("admin");
    apply(fresh, "s3cret");
    EXPECT_EQ(fresh.hash, password_hash("s3cret"));
}

TEST_F(AdminPassword, RemembersAHashThatOnlyItsOwnerReads)
{
    Users users("admin");
    apply(users, "s3cret");
    struct stat status {};
    ASSERT_EQ(stat(m_directory.path(".dcm/admin-password").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    EXPECT_EQ(m_directory.read(".dcm/admin-password").find("s3cret"), std::string::npos);
    m_directory.write(".dcm/admin-password", "garbage");
    apply(users, "s3cret");
    EXPECT_EQ(users.updates, 1) << "the database has it already";
}

TEST_F(AdminPassword, AFailureIsToldAndNothingIsRemembered)
{
    FakeSession session;
    session.answers["SELECT passwd"] = {{{password_hash("admin")}}, std::nullopt};
    session.answers["UPDATE"] = {{}, dcm::db::Failure{dcm::db::Cause::no_right, 1142, "denied"}};
    const auto memory = m_directory.path("memory");
    EXPECT_TRUE(dcm::db::apply_admin_password(session, "s3cret", memory, [](const dcm::Notice&) {}));
    EXPECT_EQ(session.asked.back().first, "ROLLBACK");
    EXPECT_NE(access(memory.c_str(), F_OK), 0);
}

}  // namespace
