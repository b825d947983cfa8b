// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace dcm::datasource {

// What a unified diff compares, and what it shows of it: as many lines, with secrets left out.
struct Version {
    std::string text;
    std::string shown;
};

// The unified diff, three lines of context, that makes `before` into `after`; empty when they are the same. Lines that
// differ in nothing that is shown appear all the same. Carriage returns at line ends are left out, other control
// characters escaped.
std::string unified_diff(const Version& before, const Version& after, const std::string& path);

}  // namespace dcm::datasource
