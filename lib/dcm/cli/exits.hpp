// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace dcm::cli {

// One exit status of one command: a row of exits.csv, which is the single source of `--help` and of the table in the
// docs (scripts/dev/reference).
struct Exit {
    std::string_view command;  // "*": of all that have no row of their own for this status
    std::string_view status;   // a number, or "128+N"
    std::string_view meaning;
};

const std::vector<Exit>& exits();

}  // namespace dcm::cli
