// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/volume/own.hpp>
#include <dcm/volume/pristine.hpp>

#include <optional>
#include <string>
#include <vector>

namespace dcm::volume {

// A volume before any of its paths is looked at.
struct State {
    Trust own = Trust::none;
    std::optional<Marker> marker;
    bool has_pending = false;        // a change was interrupted
    std::string foreign_item;        // something that an empty volume has not; empty when there is nothing
    bool looks_like_server = false;  // half of the image's code and configuration is in place
};

// One path that an image has, and what stands there. A path in a mount is not seen at all.
struct Sight {
    const Entry* before = nullptr;  // in the image that the volume follows
    const Entry* after = nullptr;   // in the image that it is to follow
    Found found;
    bool is_before = false;  // what is found has the type and content of `before`
    bool is_after = false;
};

// A file in `.dcm/new`.
struct Offer {
    std::string path;             // without `.dcm/new`
    bool is_alternative = false;  // still what the image has, and the volume something else
};

struct Observation {
    std::vector<Sight> sights;  // sorted by path
    std::vector<Offer> offers;
};

// What of two images is looked at.
enum class Scope {
    changes,  // what they do not agree on, and directories; state, scratch and logs not at all
    all,      // every path
};

// Reads only, the probe aside, `.dcm` as far as it is to be read. Throws Error(io_error or no_input).
State observe_state(const Tree& volume, const std::vector<std::string>& mounts, Template& image, Probe probe);
Observation observe(const Tree& volume, const std::vector<std::string>& mounts, const Manifest& before,
                    const Manifest& after, Scope scope);

// True for what at the root of a volume is no content: names that begin with `.dcm`, and what storage appliances leave
// in every share.
bool is_not_the_sites(const std::string& path);

// True for one of `mounts` and all below it.
bool is_mounted(const std::vector<std::string>& mounts, std::string_view path);

}  // namespace dcm::volume
