// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dcm::sys {

// Why the C library does not know the zone that `tz`, a value of TZ, stands for, and how to mend it, as
// "REASON; REMEDY"; nullopt when it knows it. Programs then run in UTC and say nothing. Empty counts as no zone at all,
// which is fine: /etc/localtime rules. `database` holds the compiled zones.
std::optional<std::string> zone_fault(const std::string& tz, const std::string& database = "/usr/share/zoneinfo");

// Make this process keep the time that jobs are started by: of the zone TZ, or of /etc/localtime when TZ is empty or
// names no zone; what is wrong then, as `zone_fault` says it. Changes TZ
// of this process for good: not for one that becomes another command. Call it before any thread.
std::optional<std::string> keep_time_of_jobs();

// Whether `tz` spells its rules out the POSIX way: CET-1CEST,M3.5.0,M10.5.0/3.
bool is_posix_zone(std::string_view tz);

}  // namespace dcm::sys
