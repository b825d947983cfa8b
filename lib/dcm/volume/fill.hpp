// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/volume/manifest.hpp>

#include <sys/types.h>

#include <string>
#include <vector>

namespace dcm::volume {

struct Owner {
    uid_t uid;
    gid_t gid;
};

// What a fill works on. `mounts` (relative to `target`) and all below them are left alone.
struct FillJob {
    std::string source;  // the template
    std::string target;
    std::vector<std::string> mounts;
    Owner owner;
    Notify notify;
};

struct FillSummary {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
};

// Copy every entry of `manifest` that the target does not have yet. Data before names: all files go to `.dcm/tmp`, one
// syncfs, the renames, one syncfs; so no file is ever seen half-written under its name, and a run after a crash at any
// instant completes the work. An existing file or link is never replaced.
// Throws Error(io_error, cant_create, no_permission).
FillSummary fill(const FillJob& job, const Manifest& manifest);

}  // namespace dcm::volume
