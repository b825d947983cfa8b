// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/mounted_zone.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/mounts.hpp>
#include <dcm/sys/time_zone.hpp>

#include <algorithm>

namespace dcm::archive {

namespace {

bool is_mounted_in_etc(const char* name)
{
    const auto mounts = sys::mounts_below("/etc");
    return std::find(mounts.begin(), mounts.end(), name) != mounts.end();
}

}  // namespace

bool localtime_is_mounted() { return is_mounted_in_etc("localtime"); }

void name_mounted_zone(std::vector<std::string>& environment, const Notify& notify)
{
    const auto names_zone = [](const std::string& entry) { return starts_with(entry, "TZ=") && entry != "TZ="; };
    if (std::any_of(environment.begin(), environment.end(), names_zone) || !localtime_is_mounted() ||
        is_mounted_in_etc("timezone")) {
        return;
    }
    const auto zone = sys::zone_name();
    if (!zone) {
        notify({Level::warning,
                "the server runs in UTC: the mounted '/etc/localtime' is no zone that this image has by a name; set "
                "TZ, such as TZ=Europe/Madrid",
                {}});
        return;
    }
    environment.erase(std::remove(environment.begin(), environment.end(), "TZ="), environment.end());
    environment.push_back("TZ=" + *zone);
    notify({Level::info, "the server gets TZ=" + *zone + ", the zone of the mounted '/etc/localtime'", {}});
}

}  // namespace dcm::archive
