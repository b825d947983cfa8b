// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>

#include <string>
#include <vector>

namespace dcm::archive {

// Whether /etc/localtime is mounted, the host's in general.
bool localtime_is_mounted();

// A JVM takes its zone from TZ, or else, on Debian, from the name in /etc/timezone, or from /etc/localtime where that
// is, byte for byte, a file of the image's zoneinfo; it runs in UTC otherwise. So where /etc/localtime alone is mounted
// and `environment` of the server has no TZ, it gets the name of that zone as TZ. Says so, or that TZ has to be set.
// Sets TZ of this process for a moment: call it before any thread.
void name_mounted_zone(std::vector<std::string>& environment, const Notify& notify);

}  // namespace dcm::archive
