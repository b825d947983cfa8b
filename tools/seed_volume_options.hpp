// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/cli/run.hpp>
#include <dcm/volume/seed.hpp>

// The command line of dcm-seed-volume.
extern const dcm::cli::Spec k_seed_volume_spec;

// What it says about the image of --make-manifest. Throws Error(usage).
dcm::volume::Marker image_identity(const dcm::cli::Invocation& invocation);

// What it says about template and volume. Throws Error(usage), or Error(config) when the value is a variable's.
dcm::volume::SeedSettings seed_settings(const dcm::cli::Invocation& invocation);
