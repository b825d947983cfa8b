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

// A secret: variable NAME, or the content of the file that NAME_FILE names (one newline at its end is dropped; the file
// may be empty, and then the secret is). Throws Error(config) when both are set, Error(no_input) when the file is
// missing or unreadable.
std::optional<std::string> env_secret(const std::string& name);

// The content of a secret file as `env_secret` reads it. `origin` names the setting in messages.
std::string read_secret_file(const std::string& path, const std::string& origin);

}  // namespace dcm::sys
