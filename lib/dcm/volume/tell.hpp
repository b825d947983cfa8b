// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/volume/volume.hpp>

#include <string>

namespace dcm::volume {

// What was done to a volume, in words for whoever reads the log.

void tell_filled(const Volume& volume, const Plan& plan);
void tell_completed(const Volume& volume, const Plan& plan);  // the engine's copy
void tell_upgraded(const Volume& volume, const Plan& plan, const std::string& version);
void tell_adopted(const Volume& volume, const std::string& product, bool merged);

// Why a volume of another image than `image` is used as it is.
void tell_kept(const Volume& volume, const Marker& image);

// What an earlier version of this toolkit took out of the server's reach stays out of it.
void tell_hardened(const Volume& volume);

// What answers without a login on a volume that has the original image's tree: one line at each start.
void tell_open(const std::string& target, const Notify& notify);

}  // namespace dcm::volume
