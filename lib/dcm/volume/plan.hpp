// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/volume/tree.hpp>

#include <string>
#include <unordered_set>
#include <vector>

namespace dcm::volume {

enum class Act {
    add,           // not there yet: placed from the image
    replace,       // untouched by the site: follows the image, the old one goes to `.dcm/previous`
    remove,        // dropped by the image and untouched: goes to `.dcm/previous`
    set_mode,      // the image changed the mode, the site did not
    offer,         // the site's own stays, the image's goes to `.dcm/new`
    keep_dropped,  // dropped by the image, edited by the site: stays
    keep_edited,   // edited since the upgrade that is taken back: stays
    withdraw,      // `.dcm/new` has what is no longer an alternative
};

std::string_view name(Act act);

struct Step {
    Act act;
    Entry entry;  // what is placed, or for a removal what goes
    Found found;  // what stands there
};

using Plan = std::vector<Step>;

enum class Purpose {
    fill,    // an empty volume: every class, nothing that stands there is touched
    repair,  // a copy that the container engine made of the image: what differs is an unfinished copy
    upgrade  // three-way; state, scratch and logs are left alone
};

// Compute what makes `tree` follow `image`, given `base`, the image that it follows now. `mounts` and all below them
// are left alone. What both images agree on is not even looked at, but directories. Reads only; throws Error(io_error).
class Planner {
public:
    Planner(const Tree& tree, const std::vector<std::string>& mounts);

    Plan make(const Manifest& base, const Manifest& image, Purpose purpose);

private:
    void consider(const Entry* before, const Entry* after);
    void with_base(const Entry& before, const Entry& after);
    void without_base(const Entry& after);
    void dropped(const Entry& before);
    void mode_follows(const Entry& before, const Entry& after, const Found& found);
    void close(const Entry& entry);
    bool is_closed(const std::string& path) const;
    void withdraw_stale(const std::string& directory, const Manifest& image);

    const Tree& m_tree;
    std::unordered_set<std::string> m_closed;  // directories that are not entered: mounts, deleted or the site's own
    Purpose m_purpose = Purpose::fill;
    std::unordered_set<std::string> m_own;  // where the site's own file stands instead of the image's
    Plan m_plan;
};

}  // namespace dcm::volume
