// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::datasource {

// What JBoss 4.2.3 does to the text of a datasource element before it becomes a value (measured, see the docs of
// dcm-configure-db): ${NAME} is replaced by a system property, ${NAME:DEFAULT} by DEFAULT when there is none, DEFAULT
// not being expanded again; white space is normalised.

// The character that a text which is not empty begins with in UTF-8; {1, 0} for a byte that begins none.
struct Character {
    std::size_t length = 0;  // in bytes
    unsigned code = 0;
};
Character first_character(std::string_view text);

// The text to write so that JBoss reads back exactly `value`: "${" becomes the default of a property nobody has.
std::string to_jboss(std::string_view value);

// The reverse of `to_jboss`, white space normalised as JBoss does it.
std::string from_jboss(std::string_view text);

// Why JBoss cannot be made to read `value`, or nullopt when it can: white space at an end, doubled, or other than a
// blank; control characters; what is not UTF-8 or not a character of XML.
std::optional<std::string> why_impossible(std::string_view value);

}  // namespace dcm::datasource
