// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/db/session.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::db {

// A MySQL JDBC driver's jar.
struct Driver {
    std::string path;
    std::optional<std::array<int, 3>> version;  // nullopt: neither its name nor its manifest tells
};

// The driver in `directory` (server/default/lib): the first jar, by name, that is called mysql-connector-*. Its version
// is that of the name, else that of the manifest. nullopt: none there, or no such directory. Throws Error(no_input)
// when it is not a regular file, a link that is not followed (ServerFile), or cannot be read.
std::optional<Driver> find_driver(const std::string& directory);

// The value of `key` in the manifest of the jar behind `fd`, a regular file ("Implementation-Version: 5.0.5"), blanks
// around it dropped; nullopt when that is no jar or has no such line. At most 64 KiB of the manifest are looked at.
std::optional<std::string> manifest_value(int fd, const std::string& key);

// The version in a jar's name ("mysql-connector-java-5.0.5-bin.jar"): the first three numbers with dots between.
std::optional<std::array<int, 3>> version_in(std::string_view text);

// The plugin that an account logs in with, from what SHOW CREATE USER says (MariaDB's VIA and MySQL's WITH); of several
// the first. mysql_native_password where none is named.
std::string auth_plugin_in(std::string_view create_user);

// Whether `driver` can log in by `plugin`; if not, a Failure `driver` whose detail names both and the remedy, which
// depends on `server_version` as the server tells it.
std::optional<Failure> driver_verdict(const Driver& driver, const std::string& plugin,
                                      const std::string& server_version);

// `driver_verdict` for the login of `session`, which may look at its own account and no other. What cannot be found out
// is no failure, a lost connection is.
std::optional<Failure> check_driver(Session& session, const Driver& driver);

// A driver from 5.1 on stores nothing until the entity command in conf/standardjbosscmp-jdbc.xml is replaced
// ("Generated keys not requested", measured with 5.1.49): a Failure `driver` when `conf_directory` still has the old
// one. Throws Error(no_input) when that file cannot be read.
std::optional<Failure> check_generated_keys(const Driver& driver, const std::string& conf_directory);

// A driver before 5.1 speaks TLS 1.0 only and trusts what the JVM trusts (read in published sources of Connector/J, not
// run): a Failure `driver` when it shall encrypt.
std::optional<Failure> check_tls(const Driver& driver, datasource::Encryption wanted);

}  // namespace dcm::db
