// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace dcm {

// Whether NAME=VALUE may hold a secret, be it a variable or a parameter. By its name: one with PASSWORD, PASSWD,
// PASSPHRASE, SECRET, TOKEN, CREDENTIAL or PRIVATE in it, or with KEY, PASS, _PW or _PWD at its end, in any case; a
// name that ends in _FILE only tells a path and is none of them. By its value: a URL with a password, an option such as
// -Dpassword= (secret, token), a private key.
bool is_secret(std::string_view entry);

}  // namespace dcm
