// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace dcm::datasource {

// `text` for the content of an XML element.
std::string escape_xml(std::string_view text);

// Non-ASCII characters of UTF-8 `text` as &#N;, which any encoding of a file can carry.
std::string with_references(std::string_view text);

}  // namespace dcm::datasource
