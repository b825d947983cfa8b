// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/names.hpp>
#include <dcm/core/text.hpp>
#include <dcm/volume/marker.hpp>

#include <array>
#include <cstring>
#include <ctime>
#include <limits>
#include <map>

namespace dcm::volume {

namespace {

constexpr std::string_view k_heading = "dcm-volume 1";
constexpr auto k_origins = names_up_to<Origin::copied>("filled", "adopted", "copied");

}  // namespace

bool Marker::is_newer_than(const Marker& other) const
{
    return time != other.time ? time > other.time : strverscmp(version.c_str(), other.version.c_str()) > 0;
}

std::string Marker::name() const
{
    std::array<char, 40> text{};
    const auto seconds = static_cast<std::time_t>(time);
    std::tm utc{};
    if (time == 0 || gmtime_r(&seconds, &utc) == nullptr) {
        return version;
    }
    std::strftime(text.data(), text.size(), " of %Y-%m-%d %H:%M:%S UTC", &utc);
    return version + text.data();
}

std::string format_marker(const Marker& marker)
{
    return std::string(k_heading) + "\nproduct " + marker.product + "\nversion " + marker.version + "\ntime " +
           std::to_string(marker.time) + "\nmanifest " + marker.manifest_sha256 + "\norigin " +
           std::string(name_in(k_origins, marker.origin)) + "\nheld " + (marker.held.empty() ? "-" : marker.held) +
           "\n";
}

Marker parse_marker(const std::string& text, const std::string& origin)
{
    const auto lines = split(text, '\n');
    std::map<std::string_view, std::string_view> values;
    for (const auto line : lines) {
        const auto blank = line.find(' ');
        if (blank != std::string_view::npos) {
            values[line.substr(0, blank)] = line.substr(blank + 1);
        }
    }
    const auto how = find_in<Origin>(k_origins, values["origin"]);
    const auto time = values["time"].empty()
                          ? std::optional<std::uint64_t>(0)
                          : parse_unsigned(values["time"], 0, std::numeric_limits<std::int32_t>::max() * 8ULL);
    const bool whole = lines.front() == k_heading && lines.back().empty() && !values["product"].empty() &&
                       !values["version"].empty() && !values["manifest"].empty() && how && time;
    if (!whole) {
        throw Error(ExitCode::config,
                    quoted(origin) + " is damaged; nothing was changed, restore that file from a backup");
    }
    Marker marker;
    marker.product = values["product"];
    marker.version = values["version"];
    marker.time = *time;
    marker.manifest_sha256 = values["manifest"];
    marker.origin = *how;
    marker.held = values["held"] == "-" ? "" : values["held"];
    return marker;
}

}  // namespace dcm::volume
