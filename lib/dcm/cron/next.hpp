// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/cron/line.hpp>

#include <cstdint>
#include <ctime>
#include <vector>

namespace dcm::cron {

// The next `count` times after `after` at which cron starts a job, as Unix times, in the zone that the C library has at
// the moment (TZ, tzset). Changes of the clock are dealt with as cron deals with them: when it is put forward, by three
// hours at most, jobs of the hour that is left out run at once after it, but those that follow the clock do not; when
// it is put back, those that follow the clock run through the repeated hour, the others do not run again. Fewer than
// `count` when there are no more within 40 years: none at all for the 30th of February, or for @reboot.
std::vector<std::time_t> next_runs(const Schedule& schedule, std::time_t after, std::size_t count);

}  // namespace dcm::cron
