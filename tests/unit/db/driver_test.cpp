// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/driver.hpp>
#include <dcm/sys/atomic_file.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>

#include "fake_session.hpp"
#include "temp_dir.hpp"

namespace {

using dcm::db::Cause;
using dcm::db::Driver;
using Version = std::array<int, 3>;

TEST(Driver, VersionsInNames)
{
    const std::vector<std::pair<const char*, std::optional<Version>>> table{
        {"mysql-connector-java-5.0.5.jar", Version{5, 0, 5}},
        {"mysql-connector-java-5.1.49-bin.jar", Version{5, 1, 49}},
        {"mysql-connector-j-8.0.33.jar", Version{8, 0, 33}},
        {"9.7.4", Version{9, 7, 4}},
        {"10.11.19-MariaDB-0+deb12u1", Version{10, 11, 19}},
        {"mysql-connector-java.jar", std::nullopt},
        {"5.1", std::nullopt},
        {"5.1.", std::nullopt},
        {"1.2-3.4.5", Version{3, 4, 5}},
        {"99999999999999999999.1.2", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& [text, version] : table) {
        EXPECT_EQ(dcm::db::version_in(text), version) << text;
    }
}

TEST(Driver, PluginsInWhatServersSay)
{
    using dcm::db::auth_plugin_in;
    EXPECT_EQ(auth_plugin_in("CREATE USER `pacs`@`%` IDENTIFIED BY PASSWORD '*D8586EDA'"), "mysql_native_password");
    EXPECT_EQ(auth_plugin_in("CREATE USER `pacs`@`%`"), "mysql_native_password");
    EXPECT_EQ(auth_plugin_in("CREATE USER `p`@`%` IDENTIFIED VIA ed25519 USING 'ZIgUREUg5'"), "ed25519");
    EXPECT_EQ(auth_plugin_in("CREATE USER `p`@`%` IDENTIFIED VIA unix_socket OR mysql_native_password"), "unix_socket");
    EXPECT_EQ(auth_plugin_in("CREATE USER `p`@`%` IDENTIFIED WITH 'caching_sha2_password' AS '$A$005$' REQUIRE NONE"),
              "caching_sha2_password");
}

TEST(Driver, VerdictsAreThoseThatWereMeasured)
{
    const Driver old{"lib/mysql-connector-java-5.0.5.jar", Version{5, 0, 5}};
    const Driver newer{"lib/mysql-connector-java-5.1.49.jar", Version{5, 1, 49}};
    const Driver unknown{"lib/mysql-connector-java.jar", std::nullopt};
    using dcm::db::driver_verdict;
    EXPECT_FALSE(driver_verdict(old, "mysql_native_password", "10.11.19-MariaDB"));
    EXPECT_FALSE(driver_verdict(newer, "caching_sha2_password", "9.7.4"));
    EXPECT_FALSE(driver_verdict(unknown, "caching_sha2_password", "9.7.4")) << "nothing is known against it";

    const auto nine = driver_verdict(old, "caching_sha2_password", "9.7.4");
    ASSERT_TRUE(nine);
    EXPECT_EQ(nine->cause, Cause::driver);
    EXPECT_EQ(nine->detail,
              "the JDBC driver 'mysql-connector-java-5.0.5.jar' 5.0.5 cannot log in by this user's plugin "
              "'caching_sha2_password', from 5.1.46 on it could; put mysql-connector-java-5.1.49 in its place "
              "(docs/dcm-wait-db.md), this server knows nothing older");
    EXPECT_NE(driver_verdict(old, "caching_sha2_password", "8.0.40")->detail.find("or run ALTER USER"),
              std::string::npos);
    EXPECT_NE(driver_verdict(newer, "ed25519", "11.8.3-MariaDB")->detail.find("IDENTIFIED VIA mysql_native_password"),
              std::string::npos);
}

TEST(Driver, AsksForItsOwnAccountOnly)
{
    const Driver old{"lib/mysql-connector-java-5.0.5.jar", Version{5, 0, 5}};
    FakeSession session;
    session.answers["SHOW CREATE USER"] = {{{"CREATE USER `p`@`%` IDENTIFIED WITH 'caching_sha2_password' AS 'H4SH'"}},
                                           std::nullopt};
    session.answers["SELECT VERSION()"] = {{{"8.4.0"}}, std::nullopt};
    const auto verdict = dcm::db::check_driver(session, old);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->detail.find("H4SH"), std::string::npos);
    session.answers["SHOW CREATE USER"] = {{}, dcm::db::Failure{Cause::no_right, 1044, "no"}};
    EXPECT_FALSE(dcm::db::check_driver(session, old)) << "what cannot be found out is no failure";
    session.answers["SHOW CREATE USER"] = {{}, dcm::db::Failure{Cause::not_ready, 2013, "lost"}};
    EXPECT_TRUE(dcm::db::check_driver(session, old));
}

TEST(Driver, FoundByNameElseByManifest)
{
    const TempDir directory;
    const std::string lib = directory.path();
    EXPECT_FALSE(dcm::db::find_driver(lib + "/absent"));
    EXPECT_FALSE(dcm::db::find_driver(lib));
    dcm::sys::write_file_atomically(lib + "/mysql-connector-java.jar", "no zip");
    ASSERT_TRUE(dcm::db::find_driver(lib));
    EXPECT_FALSE(dcm::db::find_driver(lib)->version);
    dcm::sys::write_file_atomically(lib + "/mysql-connector-java-5.0.5.jar", "");
    EXPECT_EQ(dcm::db::find_driver(lib)->version, (Version{5, 0, 5}));
}

TEST(Driver, TheEntityCommandOfANewerDriver)
{
    const TempDir directory;
    const Driver newer{"lib/mysql-connector-java-5.1.49.jar", Version{5, 1, 49}};
    const std::string file = directory.path() + "/standardjbosscmp-jdbc.xml";
    EXPECT_FALSE(dcm::db::check_generated_keys(newer, directory.path()));
    const auto write = [&](const std::string& name) {
        dcm::sys::write_file_atomically(file, "<a><entity-command name=\"mysql-get-generated-keys\"/>\n"
                                              "<entity-command class=\"org.jboss.ejb.plugins.cmp.jdbc.keygen." +
                                                  name + "\"\r\n name=\"mysql-get-generated-keys\"/></a>");
    };
    write("JDBCMySQLCreateCommand");
    ASSERT_TRUE(dcm::db::check_generated_keys(newer, directory.path()));
    EXPECT_FALSE(dcm::db::check_generated_keys({"x", Version{5, 0, 5}}, directory.path()));
    write("JDBC30GeneratedKeysCreateCommand");
    EXPECT_FALSE(dcm::db::check_generated_keys(newer, directory.path()));
}

TEST(Driver, OldOnesHaveNoTlsThatServersTake)
{
    using dcm::datasource::Encryption;
    const dcm::db::Driver bundled{"/lib/mysql-connector-java-5.0.5-bin.jar", Version{5, 0, 5}};
    const auto failure = dcm::db::check_tls(bundled, Encryption::prefer);
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->detail, "the JDBC driver 'mysql-connector-java-5.0.5-bin.jar' 5.0.5 speaks TLS 1.0 only, which "
                               "today's servers refuse; take useSSL out of the URL, or put "
                               "mysql-connector-java-5.1.49 in its place (docs/dcm-wait-db.md)");
    EXPECT_FALSE(dcm::db::check_tls(bundled, Encryption::off));
    EXPECT_FALSE(dcm::db::check_tls({"x", Version{5, 1, 49}}, Encryption::require));
    EXPECT_FALSE(dcm::db::check_tls({"x", std::nullopt}, Encryption::require));
}

TEST(Driver, WhatIsNoFileIsNamedAndHoldsNobodyUp)
{
    const TempDir directory;
    const auto said = [](const auto& action) -> std::string {
        try {
            action();
        } catch (const dcm::Error& failure) {
            return failure.what();
        }
        return "";
    };
    const std::string jar = directory.path("mysql-connector.jar");
    ASSERT_EQ(mkfifo(jar.c_str(), 0600), 0);
    EXPECT_EQ(said([&] { dcm::db::find_driver(directory.path()); }),
              "cannot read '" + jar + "': not a regular file; put the JDBC driver there again");
    const std::string conf = directory.path("standardjbosscmp-jdbc.xml");
    ASSERT_EQ(mkfifo(conf.c_str(), 0600), 0);
    EXPECT_EQ(said([&] {
                  dcm::db::check_generated_keys({"x", Version{5, 1, 49}}, directory.path());
              }),
              "cannot read '" + conf + "': not a regular file");
}

}  // namespace
