// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::datasource {

// jdbc:mysql://HOST[:PORT]/DATABASE[?PARAMETERS], or jdbc:mariadb: for MariaDB's own driver.
struct JdbcUrl {
    std::string scheme = "jdbc:mysql://";
    std::string host = "localhost";
    std::string port = "3306";
    std::string database = "pacsdb";
    std::string parameters;  // "name=value&name=value" as they stand there, percent-encoded

    std::string str() const;
};

// Throws Error(config) for what Connector/J 5 does not take for one server: another driver's URL, several servers, no
// database, a port out of range, an IPv6 literal (5.0.5 and 5.1.49 do not read them: measured); and for a ${property}.
JdbcUrl parse_jdbc_url(const std::string& text);

// Throws Error(config) for a URL of another database, or of another driver than `driver_class`.
void check_scheme(const std::string& text, const std::string& driver_class);

// Whether a class is one of MariaDB's own driver, which takes URLs of both schemes.
bool is_of_mariadb(const std::string& driver_class);

// Throw Error(config) naming `origin` for a part that the URL cannot carry.
void check_host(const std::string& host, const std::string& origin);
void check_port(const std::string& port, const std::string& origin);
void check_database(const std::string& database, const std::string& origin);

struct JdbcParameter {
    std::string name;
    std::string value;  // as it stands in the URL
};

// MYSQL_JDBC_PARAMS; unset: none. Throws Error(config) naming `origin` for what is no list of name=value, and for user
// and password, which have settings of their own.
std::vector<JdbcParameter> parse_jdbc_parameters(const std::optional<std::string>& text, const std::string& origin);

// The value of parameter `name`, decoded; of several the last, as in the driver. nullopt when there is none.
std::optional<std::string> jdbc_parameter(std::string_view parameters, std::string_view name);

// `parameters` with `wanted` where its name stands first, else at the end; others of that name go, the rest keeps its
// spelling and its place.
std::string with_jdbc_parameter(std::string_view parameters, const JdbcParameter& wanted);

}  // namespace dcm::datasource
