// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/export.hpp>
#include <dcm/core/notice.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace dcm::volume {

struct SeedSettings {
    std::string source;  // the template, with its manifest and identity in `.dcm`
    std::string target;
    std::optional<std::chrono::milliseconds> lock_timeout;  // nullopt: wait for ever
};

// Make the volume `target` complete.
//  - Its marker agrees with the template: nothing is read but the two, nothing is touched.
//  - Empty (mounts, lost+found and an interrupted fill of the same product aside): filled.
//  - No marker, but recognisably a dcm4chee tree (the original image's): adopted as it is; only the marker is written.
//  - Marker of another version of the product: left as it is, with a notice.
//  - Another product's, or files that nothing is known of: Error(config), and nothing is touched.
// Any number may run at once on one volume: one works, the others wait. Throws Error(no_input) when the template or its
// manifest is missing, Error(data_error) when it is damaged, Error(temp_fail) after `lock_timeout`.
DCM_API void seed(const SeedSettings& settings, const Notify& notify);

// Write `.dcm/manifest` and `.dcm/identity` of the pristine tree `root`.
DCM_API void make_manifest(const std::string& root, const std::string& product, const std::string& version);

}  // namespace dcm::volume
