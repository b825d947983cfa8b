// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/datasource/jdbc_url.hpp>

#include <optional>
#include <string>
#include <vector>

namespace dcm::datasource {

// Whether JBoss tests a connection before it hands it out: without, the first query after a restart of the database
// fails.
enum class Checker { as_it_is, enabled };

// What the datasource shall say; a part left out keeps what stands in the file.
struct Settings {
    std::optional<std::string> host;
    std::optional<std::string> port;
    std::optional<std::string> database;
    std::optional<std::string> user;
    std::optional<std::string> password;
    std::vector<JdbcParameter> parameters;  // to add or replace
    Checker checker = Checker::as_it_is;
};

// `port`, but nothing, with a notice, for what container links and Kubernetes put into MYSQL_PORT (tcp://…).
std::optional<std::string> without_link(std::optional<std::string> port, const Notify& notify);

// MYSQL_HOST, MYSQL_PORT (`without_link`), MYSQL_DATABASE, MYSQL_USER and MYSQL_PASSWORD, the last two as _FILE too,
// and MYSQL_JDBC_PARAMS. Throws Error(config) when a variable and its _FILE are both set, Error(no_input) when such a
// file cannot be read, and what parse_jdbc_parameters throws.
Settings settings_from_environment(const Notify& notify);

// Throws Error(config) with the reason for a value that JBoss or the JDBC driver cannot be made to read.
void check(const Settings& settings);

}  // namespace dcm::datasource
