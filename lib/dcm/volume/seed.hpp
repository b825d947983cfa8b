// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/sys/process.hpp>
#include <dcm/volume/report.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace dcm::volume {

struct SeedSettings {
    std::string source;  // the template, with its manifest and identity in `.dcm`
    std::string target;
    std::optional<std::chrono::milliseconds> lock_timeout = {};  // nullopt: wait for ever
    std::optional<OnUpgrade> on_upgrade = {};  // nullopt: merge, but neither on first contact nor what was rolled back
    std::optional<sys::Credentials> run_as = {};  // who runs the server; nullopt: as the volume says
    std::optional<int> terminal = {};             // descriptor for a progress bar
    bool keeps_lock = false;                      // the volume is in use by what this process becomes
};

// Make the volume complete.
//  - Its marker agrees with the template: nothing is read but the two, nothing is touched but the lock.
//  - A change was interrupted: it is completed first.
//  - Empty, mounts and lost+found aside: filled. Copied from the image by the container engine: checked once,
//  completed.
//  - No marker, but recognisably a server tree (the original image's): adopted as it is.
//  - Of an older image: merged three-way. Whatever keeps that from being done (room, rights) is a warning: it is
//  complete.
//  - Of a newer image: left as it is, with a warning.
//  - Another product's, or files that nothing is known of: Error(config), and nothing is touched.
// Any number may run at once on one volume: one works, the others wait, also for whoever kept the lock. Throws
// Error(no_input) when the template or its manifest is missing, Error(data_error) when it is damaged, Error(temp_fail)
// after `lock_timeout`.
void seed(const SeedSettings& settings, const Notify& notify);

// What `seed` would do: what was decided, line by line. Changes nothing.
Report plan(const SeedSettings& settings);

// How code and configuration on the volume differ from the image that it follows.
Report verify(const SeedSettings& settings);

// Take the last upgrade back; what was edited since stays. The same image is then not merged again of itself.
// Throws Error(config) when there is none, Error(temp_fail) while somebody uses the volume.
void rollback(const SeedSettings& settings, const Notify& notify);

// Write `.dcm/manifest` and `.dcm/identity` of the pristine tree `root`. `original`: file with the manifest of what the
// original image has in its place. `classify`: what the paths are.
void make_manifest(const std::string& root, Marker identity, const std::optional<std::string>& original = {},
                   Classify classify = class_of);

// Mark `settings.target`, a copy of the template inside an image, as one that a container engine may copy to a new
// volume: the first `seed` there checks every file, completes what the engine did not finish, and writes the real
// marker.
void prepare_image(const SeedSettings& settings);

}  // namespace dcm::volume
