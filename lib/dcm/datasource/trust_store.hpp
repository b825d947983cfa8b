// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace dcm::datasource {

// A Java key store (JKS) that trusts the certificates of `pem`, with the empty password, which is what Connector/J
// opens it with when its URL names none. The same certificates make the same bytes. `origin` names the file in
// messages. Throws Error(data_error) when there is no certificate in it.
std::string to_trust_store(std::string_view pem, const std::string& origin);

// `to_trust_store` of the file MYSQL_TLS_CA. Throws Error(no_input) when it cannot be read.
std::string trust_store_of(const std::string& path);

}  // namespace dcm::datasource
