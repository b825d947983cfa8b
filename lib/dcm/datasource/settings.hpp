// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/export.hpp>
#include <dcm/core/notice.hpp>

#include <optional>
#include <string>

namespace dcm::datasource {

// What the datasource shall say; a part left out keeps what stands in the file.
struct Settings {
    std::optional<std::string> host;
    std::optional<std::string> port;
    std::optional<std::string> database;
    std::optional<std::string> user;
    std::optional<std::string> password;
};

// What JBoss will log in with.
struct Login {
    std::string host;
    std::string port;
    std::string database;
    std::string user;
    std::string password;
};

// MYSQL_HOST, MYSQL_PORT, MYSQL_DATABASE, MYSQL_USER and MYSQL_PASSWORD, the last two as _FILE too. A MYSQL_PORT of
// the kind that container links inject (tcp://…) counts as unset, with a notice.
// Throws Error(config) when a variable and its _FILE are both set, Error(no_input) when such a file cannot be read.
DCM_API Settings settings_from_environment(const Notify& notify);

// Throws Error(config) with the reason for a value that JBoss or the JDBC driver cannot be made to read.
DCM_API void check(const Settings& settings);

// `text` with the settings in its datasource `jndi_name`, every other byte as it was. Throws what `Document`,
// `parse_jdbc_url` and `check` throw.
DCM_API std::string apply(const std::string& text, const std::string& origin, const std::string& jndi_name,
                          const Settings& settings);

// The login that JBoss will use, from the text of the file.
DCM_API Login read_login(const std::string& text, const std::string& origin, const std::string& jndi_name);

// `read_login` of the file `path`. Throws Error(no_input) when there is none.
DCM_API Login login_from_file(const std::string& path, const std::string& jndi_name);

// The variables' login, their defaults where they are unset.
DCM_API Login login_from_environment(const Notify& notify);

}  // namespace dcm::datasource
