// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/datasource/document.hpp>
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
    std::string domain = {};  // the security domain that user and password are in, unless they could be told
    bool by_mysql_driver = true;
};

// Throws Error(config) when `url`, that of `document`, is a list of servers (<url-delimiter>).
void refuse_list(const Document& document, const std::string& url, const std::string& origin);

// From the text of the file: what the URL says about user and password comes before the elements, as in the driver.
// Throws what `Document` and `parse_jdbc_url` throw, and Error(config) for a list of servers.
Login read_login(const std::string& text, const std::string& origin, const std::string& jndi_name);

// `read_login` of `text`, which is what the file `path` says or will say. Where a security domain has user and
// password, they are what `read_login_config` finds in ../conf, else those of `settings`, if there are any.
Login complete_login(const std::string& text, const std::string& path, const std::string& jndi_name,
                     const Settings& settings);

// `complete_login` of the file `path`, with the settings of the environment. Throws Error(no_input) when there is none.
Login login_from_file(const std::string& path, const std::string& jndi_name);

// Of the settings alone, with the defaults where they leave something open. Throws what `check` throws.
Login login_of(const Settings& settings);

// The text of the datasource file `path`, at most 1 MiB. Throws Error(no_input) when there is none, and what ServerFile
// throws.
std::string read_datasource_file(const std::string& path);

}  // namespace dcm::datasource
