// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace dcm::sys {

// What a process, and all that it starts, may do with files. Everything can be looked at but for what is hidden; only
// what is writable is written. Links in these paths are followed, no others: what is hidden is so by all its names.
struct Confinement {
    std::vector<std::string> writable;  // directories with all that is in them, hidden or not, and devices
    // File systems of the site: what is in them but for what is hidden. Where something is, nothing new can be made at
    // their top.
    std::vector<std::string> mounts;
    std::vector<std::string> shared;  // the same, but new directories can be made at the top
    std::vector<std::string> hidden;  // files and directories
};

// The version of Landlock in this kernel; 0 where it has none, or none is allowed.
int landlock_version();

// From here on moving a file to another directory, which JBoss may do, is possible for who is confined.
constexpr int k_landlock_least = 2;

// Confine this process from here on, as far as the kernel's version goes. What is not there, or not to be reached, is
// left out. False, with errno, when the kernel refuses. Needs no_new_privs.
bool confine(const Confinement& confinement);

}  // namespace dcm::sys
