// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/marker.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

namespace dcm::volume {

namespace {

constexpr std::string_view k_heading = "dcm-volume 1";
constexpr std::array<std::string_view, 3> k_origins{"filled", "adopted", "copied"};

}  // namespace

int compare_versions(const std::string& a, const std::string& b) { return strverscmp(a.c_str(), b.c_str()); }

std::string format_marker(const Marker& marker)
{
    return std::string(k_heading) + "\nproduct " + marker.product + "\nversion " + marker.version + "\nmanifest " +
           marker.manifest_sha256 + "\norigin " + std::string(k_origins.at(static_cast<std::size_t>(marker.origin))) +
           "\nheld " + (marker.held.empty() ? "-" : marker.held) + "\n";
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
    const auto* const origin_name = std::find(k_origins.begin(), k_origins.end(), values["origin"]);
    const bool whole = lines.front() == k_heading && lines.back().empty() && !values["product"].empty() &&
                       !values["version"].empty() && !values["manifest"].empty() && origin_name != k_origins.end();
    if (!whole) {
        throw Error(ExitCode::config,
                    quoted(origin) + " is damaged; nothing was changed, restore that file from a backup");
    }
    Marker marker;
    marker.product = values["product"];
    marker.version = values["version"];
    marker.manifest_sha256 = values["manifest"];
    marker.origin = static_cast<Origin>(origin_name - k_origins.begin());
    marker.held = values["held"] == "-" ? "" : values["held"];
    return marker;
}

std::optional<Marker> read_marker(const std::string& path)
{
    constexpr std::uint64_t max_bytes = 4096;
    const auto text = sys::read_file(path, max_bytes);
    return text ? std::optional(parse_marker(*text, path)) : std::nullopt;
}

}  // namespace dcm::volume
