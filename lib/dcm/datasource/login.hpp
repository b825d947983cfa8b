// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/datasource/settings.hpp>

#include <string>
#include <string_view>

namespace dcm::datasource {

// What the URL's useSSL and requireSSL ask for. Whose certificate it is only Java can tell, from its key store.
enum class Encryption { off, prefer, require };

// "off", "prefer" or "require".
std::string_view to_string(Encryption encryption);

// How Connector/J 5 understands the parameters of its URL.
Encryption encryption_of(std::string_view parameters);

// What JBoss will log in with.
struct Login {
    std::string host;
    std::string port;
    std::string database;
    std::string user;
    std::string password;
    Encryption encryption = Encryption::off;
};

// From the text of the file: what the URL says about user and password comes before the elements, as in the driver.
// Throws what `Document` and `parse_jdbc_url` throw.
Login read_login(const std::string& text, const std::string& origin, const std::string& jndi_name);

// `read_login` of the file `path`. Throws Error(no_input) when there is none.
Login login_from_file(const std::string& path, const std::string& jndi_name);

// Of the settings alone, with the defaults where they leave something open. Throws what `check` throws.
Login login_of(const Settings& settings);

// The text of the datasource file `path`, at most 1 MiB. Throws Error(no_input) when there is none.
std::string read_datasource_file(const std::string& path);

}  // namespace dcm::datasource
