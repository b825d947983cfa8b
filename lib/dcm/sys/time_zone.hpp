// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace dcm::sys {

// Why the C library does not know the zone that `tz`, a value of TZ, stands for, and how to fix it, as
// "REASON; REMEDY"; nullopt when it knows it. Programs then run in UTC and say nothing. Empty counts as no zone at all,
// which is fine: /etc/localtime rules. `database` holds the compiled zones. Sets TZ for a moment: call it before any
// thread.
std::optional<std::string> zone_fault(const std::string& tz, const std::string& database = "/usr/share/zoneinfo");

// That the zone of `tz` is not that of the file `localtime`, and what to do; nullopt when both have the same time all
// through a year from now, when `tz` is empty or the file is no zone. For an /etc/localtime that is mounted from the
// host beside a TZ. Sets TZ for a moment.
std::optional<std::string> zone_conflict(const std::string& tz, const std::string& localtime = "/etc/localtime");

// The name in `database` of the zone that the file `localtime` is, by the times that both tell and not by their bytes,
// which differ from one release of tzdata to the next: the same all through the coming year, and of several such zones
// the one that was the same for longest; nullopt when there is none. Sets TZ for a moment; takes some 10 ms.
std::optional<std::string> zone_name(const std::string& localtime = "/etc/localtime",
                                     const std::string& database = "/usr/share/zoneinfo");

}  // namespace dcm::sys
