// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/volume/plan.hpp>

#include <string>
#include <vector>

namespace dcm::volume {

// The page of the web application that stands in for ROOT.war.
std::string_view stand_in_page();

// True when at `door` stands what hardening put there, as it was put, or what a crash left of it: nothing of the site.
bool has_stand_in(const Tree& tree, const std::string& door);

// True when the site has edited the file that hardening put at `path` in the place of the image's.
bool is_own_stand_in(const Tree& tree, const std::string& path);

// The steps that bring a volume to `level`, after those of `merge`. `base`: the image that it follows now, which tells
// a site's own start page: that one stays the start page. Doors with a mount in or above them are left alone.
Plan plan_hardening(const Tree& tree, const std::vector<std::string>& mounts, const Manifest& base, const Plan& merge,
                    Harden level);

// The same for a volume that is not there yet.
Plan plan_hardening_of_new(const Manifest& image, Harden level);

// Doors that `level` shuts and that cannot be, since something is mounted there.
std::vector<const Door*> mounted_doors(const Tree& tree, const std::vector<std::string>& mounts, Harden level);

// How far the tree is hardened by what stands in it, for one whose marker was lost: off when no door is shut.
Harden level_of(const Tree& tree);

// Doors that stand open though `level` shuts them: not done yet, or the site put them back by hand.
std::vector<const Door*> open_doors(const Tree& tree, Harden level);

}  // namespace dcm::volume
