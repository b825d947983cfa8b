// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/cron/load.hpp>

#include <ctime>
#include <string>

namespace dcm::cron {

// Every job of the file with its next `count` runs after `now`, in the zone of this process, for people.
// Throws Error as `check` does, but for lines that cron refuses, which are left out.
std::string describe_next(const LoadSettings& settings, std::time_t now, std::size_t count);

// Every installed job with its last result, for people: results from jobs.json in the run directory.
std::string describe_installed(const LoadSettings& settings);

}  // namespace dcm::cron
