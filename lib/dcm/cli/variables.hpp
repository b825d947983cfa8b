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

// A row of unread.csv: a variable that nobody reads, because it is gone or called otherwise, and what to do instead.
struct Unread {
    std::string_view name;
    std::string_view instead;
};

const std::vector<Unread>& unread_variables();

// Names in the environment (NAME=VALUE entries) that are no variable of ours but were meant as one, as warnings with
// what is right: those of unread.csv, and what looks like a mistyped variable of `tool`. Each is one command's to say.
// What container engines inject for links (MYSQL_PORT_3306_TCP…) and what the official database images read
// (MYSQL_ROOT_PASSWORD…) is no typo.
std::vector<std::string> typo_hints(const std::string& tool, const std::vector<std::string>& environment);

}  // namespace dcm::cli
