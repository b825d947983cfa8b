// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace dcm::datasource {

struct DomainLogin {
    std::string user;
    std::string password;
};

// What the security domain `name` logs in with, from the text of conf/login-config.xml: of JBoss's modules
// ConfiguredIdentityLoginModule (in clear text) and SecureIdentityLoginModule (`decode_password`). nullopt when there
// is no such domain, or its login comes from elsewhere. Throws Error(data_error) when `text` is no XML.
std::optional<DomainLogin> read_login_config(const std::string& text, const std::string& origin,
                                             const std::string& name);

// A password as SecureIdentityLoginModule of JBoss 4 keeps it: a number in hexadecimal, Blowfish, with a key that
// stands in JBoss's source. nullopt when it is none.
std::optional<std::string> decode_password(const std::string& number);

}  // namespace dcm::datasource
