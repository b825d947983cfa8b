// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/volume/observe.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::volume {

enum class OnUpgrade {
    merge,  // bring what the image changed; an adopted volume and one that was rolled back, too
    keep    // leave the volume as it is
};

// What is to become of a volume.
enum class Course {
    settled,        // nothing: it follows this image
    keep,           // nothing: another image's, and to be left as it is
    fill,           // every class, nothing that stands there is touched
    repair,         // a copy that the container engine made of the image: what differs is unfinished
    upgrade,        // three-way; state, scratch and logs are left alone
    adopt,          // a server tree without a marker, the original image's: all is the site's, but for what cannot work
                    // on this image's Java
    merge,          // adopt and upgrade at once
    rollback,       // an upgrade the other way round
    other_product,  // refused
    unknown         // refused: neither empty nor a server tree
};

// Decided from nothing but what was observed and asked; never `rollback`.
Course judge(const State& state, const Marker& image, std::optional<OnUpgrade> asked);

enum class Choice {
    add,           // not there yet: placed from the image
    replace,       // untouched by the site: follows the image
    remove,        // dropped by the image and untouched
    set_mode,      // the image changed the mode, the site did not
    offer,         // the site's own stays, the image's goes to `.dcm/new`
    keep_dropped,  // dropped by the image, edited by the site: stays
    keep_edited,   // edited since the upgrade that is taken back: stays
    withdraw       // `.dcm/new` has what is no longer an alternative
};

std::string_view name(Choice choice);

struct Step {
    Choice choice;
    Entry entry;  // what is placed, or for a removal what goes
    Found found;  // what stands there
};

using Plan = std::vector<Step>;

// True for what is copied from the image.
bool is_copied(const Step& step);

// How many files a plan copies, and how much they hold.
struct Amount {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
};
Amount copied_by(const Plan& plan);

// What is to be done, path by path. A pure function: a table test holds every combination.
Plan decide(Course course, const Observation& seen);

// What of the image, and of the original's tree, an adopted volume has: from then on it follows that. What is missing
// counts as deleted by the site.
Manifest recognised(const Observation& seen);

// The one file of the original without which its jmx-console cannot work on the Java of this image.
constexpr std::string_view k_needed_by_java = "deploy/jboss-web.deployer/jasper-jdt.jar";

}  // namespace dcm::volume
