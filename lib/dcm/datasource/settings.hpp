// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/datasource/jdbc_parameters.hpp>
#include <dcm/datasource/tls.hpp>

#include <cstdint>
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
    Tls tls;
    std::optional<std::uint64_t> pool_min;  // connections
    std::optional<std::uint64_t> pool_max;
    Checker checker = Checker::as_it_is;
};

// What JBoss will log in with.
struct Login {
    std::string host;
    std::string port;
    std::string database;
    std::string user;
    std::string password;
    std::string parameters = {};  // of the URL, as they stand there
};

// `port`, but nothing, with a notice, for what container links and Kubernetes put into MYSQL_PORT (tcp://…).
std::optional<std::string> without_link(std::optional<std::string> port, const Notify& notify);

// MYSQL_HOST, MYSQL_PORT (`without_link`), MYSQL_DATABASE, MYSQL_USER and MYSQL_PASSWORD, the last two as _FILE too.
// Throws Error(config) when a variable and its _FILE are both set, Error(no_input) when such a file cannot be read.
Settings settings_from_environment(const Notify& notify);

// Throws Error(config) with the reason for a value that JBoss or the JDBC driver cannot be made to read, and for
// settings that contradict each other.
void check(const Settings& settings);

// The login that JBoss will use, from the text of the file: what the URL says about user and password comes before the
// elements, as in the driver. Throws what `Document` and `parse_jdbc_url` throw.
Login read_login(const std::string& text, const std::string& origin, const std::string& jndi_name);

// `read_login` of the file `path`. Throws Error(no_input) when there is none.
Login login_from_file(const std::string& path, const std::string& jndi_name);

// The text of the datasource file `path`, at most 1 MiB. Throws Error(no_input) when there is none.
std::string read_datasource_file(const std::string& path);

// The variables' login, their defaults where they are unset.
Login login_from_environment(const Notify& notify);

}  // namespace dcm::datasource
