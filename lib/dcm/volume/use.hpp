// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/lock.hpp>
#include <dcm/volume/seed.hpp>

#include <string>

namespace dcm::volume {

// The volume, opened: no link and no relative part in its path. Throws Error(config) for anything but a directory.
Tree open_target(const std::string& target);

// Of a volume that has them. Throws Error(config or data_error) where they are missing or damaged.
Marker marker_of(const Tree& volume, Probe probe = Probe::no);
Manifest manifest_of(const Tree& volume);

// Wait until nobody else uses the volume, and use it: as long as the result lives, or, as the settings say, what this
// process becomes. Throws Error(temp_fail) after `lock_timeout`.
sys::LockFile lock(const Tree& volume, const SeedSettings& settings, const Notify& notify);

// Throws Error(temp_fail) while the maintenance script `restore` has begun on this volume and not finished: what it
// keeps of that is `.dcm/restore`, lines of a name and a value. `restore` closes a `.dcm` that is open before it
// begins, so one there is not believed. On a volume without owners the server may have written it: that keeps the
// archive from starting, and the message says so, but a start that is half configured does worse.
void refuse_unfinished_restore(const Tree& volume, Trust trust);

// `protect`, and a warning for what it removed.
void keep_out(const Tree& volume, const sys::Credentials& user, const Notify& notify);

// Complete what was interrupted. With the lock held.
void complete(const Tree& volume, const std::string& product, const Notify& notify);

}  // namespace dcm::volume
