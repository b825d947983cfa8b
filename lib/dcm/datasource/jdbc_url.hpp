// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace dcm::datasource {

// jdbc:mysql://HOST[:PORT]/DATABASE[?PARAMETERS]
struct JdbcUrl {
    std::string host = "localhost";
    std::string port = "3306";
    std::string database = "pacsdb";
    std::string parameters;  // what follows '?', as it is

    std::string str() const;
};

// Throws Error(config) for what Connector/J 5 does not take for one server: another driver's URL, several servers, no
// database, a port out of range, an IPv6 literal (5.0.5 and 5.1.49 do not read them: measured); and for a ${property}.
JdbcUrl parse_jdbc_url(const std::string& text);

// Throws Error(config) for a URL of another database.
void check_scheme(const std::string& text);

// Throw Error(config) naming `origin` for a part that the URL cannot carry.
void check_host(const std::string& host, const std::string& origin);
void check_port(const std::string& port, const std::string& origin);
void check_database(const std::string& database, const std::string& origin);

}  // namespace dcm::datasource
