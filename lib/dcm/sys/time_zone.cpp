// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/time_zone.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

namespace dcm::sys {

namespace {

bool is_zone_file(const std::string& path)
{
    const Fd fd = open_fd(path, O_RDONLY | O_NONBLOCK);
    std::array<char, 4> magic{};
    return fd && ::read(fd.get(), magic.data(), magic.size()) == 4 &&
           std::string_view(magic.data(), magic.size()) == "TZif";
}

// Whether the C library makes something else than UTC of `tz`: rules that are spelled out, as in CET-1CEST.
bool is_understood(const std::string& tz)
{
    const auto before = env("TZ");
    setenv("TZ", tz.c_str(), 1);
    tzset();
    const bool understood = timezone != 0 || daylight != 0;
    if (before) {
        setenv("TZ", before->c_str(), 1);
    } else {
        unsetenv("TZ");
    }
    tzset();
    return understood;
}

}  // namespace

std::optional<std::string> zone_fault(const std::string& tz, const std::string& database)
{
    const std::string name = starts_with(tz, ":") ? tz.substr(1) : tz;
    const std::array<std::string_view, 7> same_as_nothing{"", "UTC", "UTC0", "GMT", "Etc/UTC", "Universal", "Zulu"};
    if (std::find(same_as_nothing.begin(), same_as_nothing.end(), name) != same_as_nothing.end() ||
        is_zone_file(starts_with(name, "/") ? name : database + "/" + name) || is_understood(name)) {
        return std::nullopt;
    }
    const std::string fault = "there is no time zone " + quoted(tz) + " (TZ)";
    return access(database.c_str(), X_OK) == 0 ? fault + "; use a name such as 'Europe/Madrid'"
                                               : fault + ", nor any other; install tzdata";
}

}  // namespace dcm::sys
