// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dcm::volume {

// A name as one field of a line: control characters, blanks and '%' as %XX.
std::string escape(std::string_view name);

// The reverse; nullopt for anything that `escape` does not write.
std::optional<std::string> unescape(std::string_view text);

// A path that stays below the root of a tree and out of `.dcm`: no empty, '.' or '..' part.
bool is_inside(const std::string& path);

// True for `directory` itself and all below it.
bool is_in(std::string_view path, std::string_view directory);

}  // namespace dcm::volume
