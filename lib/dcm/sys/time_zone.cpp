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

// The zone of this process while one of these lives.
class Zone {
public:
    explicit Zone(const std::string& tz) : m_before(env("TZ"))
    {
        setenv("TZ", tz.c_str(), 1);
        tzset();
    }
    Zone(const Zone&) = delete;
    Zone& operator=(const Zone&) = delete;
    ~Zone()
    {
        if (m_before) {
            setenv("TZ", m_before->c_str(), 1);
        } else {
            unsetenv("TZ");
        }
        tzset();
    }

private:
    std::optional<std::string> m_before;
};

// Whether the C library makes something else than UTC of `tz`: rules that are spelled out, as in CET-1CEST.
bool is_understood(const std::string& tz)
{
    const Zone zone(tz);
    return timezone != 0 || daylight != 0;
}

std::string difference_to_utc(const std::string& tz, std::time_t time)
{
    const Zone zone(tz);
    std::tm local{};
    localtime_r(&time, &local);
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%z", &local);
    return text.data();
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

std::optional<std::string> zone_conflict(const std::string& tz, const std::string& localtime)
{
    constexpr std::time_t k_quarter = 91 * 86'400;
    if (tz.empty() || !is_zone_file(localtime)) {
        return std::nullopt;
    }
    const std::time_t now = std::time(nullptr);
    for (std::time_t time = now; time < now + 4 * k_quarter; time += k_quarter) {
        const auto ours = difference_to_utc(tz, time);
        const auto other = difference_to_utc(":" + localtime, time);
        if (ours != other) {
            return "TZ is " + quoted(tz) + " (UTC" + ours + "), but " + quoted(localtime) +
                   ", which is mounted, is another zone (UTC" + other + "); TZ counts: take one of the two away";
        }
    }
    return std::nullopt;
}

}  // namespace dcm::sys
