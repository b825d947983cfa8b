// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace dcm::sys {

// The value of an environment variable. Empty counts as unset: compose files pass `${NAME:-}` for what nobody chose.
std::optional<std::string> env(const std::string& name);

// All of this process's, as NAME=VALUE.
std::vector<std::string> environment();

// A secret: variable NAME, or the content of the file that NAME_FILE names. Throws Error(config) when both are set, and
// as `read_secret_file`.
std::optional<std::string> env_secret(const std::string& name);

// The secret in a file, the only reader of such: one line, whose blanks are part of it; its newline (Windows' too) and
// a byte order mark are not. The file may be empty, and then the secret is. `origin` names the setting in messages.
// Throws Error(no_input) when the file is missing or unreadable, Error(config) for more than one line and for UTF-16.
std::string read_secret_file(const std::string& path, const std::string& origin);

}  // namespace dcm::sys
