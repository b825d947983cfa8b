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
#include <cctype>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <utility>
#include <vector>

namespace dcm::sys {

namespace {

constexpr std::size_t k_days_ahead = 366;

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

// Newest first: each day of the coming year, then each week back to 1970.
std::vector<std::time_t> sampled_times()
{
    constexpr std::time_t k_day = 86'400;
    const std::time_t now = std::time(nullptr);
    std::vector<std::time_t> times;
    for (std::time_t time = now + k_days_ahead * k_day; time > 0; time -= time > now ? k_day : 7 * k_day) {
        times.push_back(time);
    }
    return times;
}

using Sample = std::pair<long, std::string>;  // seconds east of UTC, name of that time

Sample sample(std::time_t time)
{
    std::tm local{};
    localtime_r(&time, &local);
    return {local.tm_gmtoff, local.tm_zone};
}

// How well the zone in `file` fits `wanted`: how many samples in a row have the same time, and how many of them the
// same name; 0 when the coming year has not the same time throughout.
std::size_t likeness(const std::string& file, const std::vector<std::time_t>& times, const std::vector<Sample>& wanted)
{
    const Zone zone(":" + file);
    std::size_t same_time = 0;
    std::size_t same_name = 0;
    for (; same_time < times.size(); ++same_time) {
        const Sample found = sample(times[same_time]);
        if (found.first != wanted[same_time].first) {
            break;
        }
        same_name += found.second == wanted[same_time].second ? 1 : 0;
    }
    return same_time < k_days_ahead ? 0 : same_time + same_name;
}

// Names of zones begin with a capital; what else is there (posix, right, posixrules, localtime) has them again, and so
// do links.
std::vector<std::string> zones_of(const std::string& database)
{
    namespace fs = std::filesystem;
    std::vector<std::string> names;
    std::error_code unreadable;
    for (auto entry = fs::recursive_directory_iterator(database, unreadable);
         entry != fs::recursive_directory_iterator(); entry.increment(unreadable)) {
        const std::string name = entry->path().string().substr(database.size() + 1);
        if (std::isupper(static_cast<unsigned char>(name.front())) == 0) {
            entry.disable_recursion_pending();
        } else if (!entry->is_symlink(unreadable) && is_zone_file(entry->path().string())) {
            names.push_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
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
    const std::string fault = "there is no time zone " + dcm::quoted(tz) + " (TZ)";
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
            return "TZ is " + dcm::quoted(tz) + " (UTC" + ours + "), but " + dcm::quoted(localtime) +
                   ", which is mounted, is another zone (UTC" + other + "); TZ counts: take one of the two away";
        }
    }
    return std::nullopt;
}

std::optional<std::string> zone_name(const std::string& localtime, const std::string& database)
{
    if (!is_zone_file(localtime)) {
        return std::nullopt;
    }
    const auto times = sampled_times();
    std::vector<Sample> wanted;
    {
        const Zone zone(":" + localtime);
        std::transform(times.begin(), times.end(), std::back_inserter(wanted), sample);
    }
    std::optional<std::string> best;
    std::size_t most = 0;
    for (const auto& name : zones_of(database)) {
        const std::size_t found = likeness(database + "/" + name, times, wanted);
        if (found > most) {
            most = found;
            best = name;
        }
    }
    return best;
}

}  // namespace dcm::sys
