// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace dcm::sys {

// Mount points strictly below the directory `root` (absolute, no link in it), relative to it. Directories and single
// files alike: only /proc/self/mountinfo tells, since a bind from the same disk has the same st_dev.
std::vector<std::string> mounts_below(const std::string& root);

// For tests: the same from the text of a mountinfo file.
std::vector<std::string> mounts_below(const std::string& root, const std::string& mountinfo);

}  // namespace dcm::sys
