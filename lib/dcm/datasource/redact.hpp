// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dcm::datasource {

// `text`, of a datasource file or what somebody made of one, with `***` for whatever may be a secret: the content of
// elements that have "password" or "secret" in their name or attributes, the value behind such a name and '=', the text
// of entities, all of that in comments too; and each of `secrets` of at least six bytes, plain or escaped, wherever it
// stands. Line ends stay, so that line N is still line N.
std::string redact(std::string_view text, const std::vector<std::string>& secrets);

// The texts of all elements of that kind in the well-formed `text`, and what JBoss makes of them.
std::vector<std::string> secrets_in(const std::string& text);

}  // namespace dcm::datasource
