// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dcm::cli {

// One environment variable of the toolkit: a row of variables.csv, which is the single source of `--help`, the typo
// hints and the tables in the docs (scripts/dev/reference).
struct Variable {
    std::string_view name;
    std::string_view tools;          // who reads it, separated by blanks; the first command hints at typos
    std::string_view default_value;  // as documented; empty: none
    std::string_view meaning;
};

const std::vector<Variable>& variables();

// Names in the environment (NAME=VALUE entries) that look like a mistyped variable of `tool`, as warnings with the
// right name. What container engines inject for links (MYSQL_PORT_3306_TCP…) and what the official database images read
// (MYSQL_ROOT_PASSWORD…) is no typo.
std::vector<std::string> typo_hints(const std::string& tool, const std::vector<std::string>& environment);

}  // namespace dcm::cli
