// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/marker.hpp>

#include <map>

namespace dcm::volume {

namespace {

constexpr std::string_view k_heading = "dcm-volume 1";

}  // namespace

std::string format_marker(const Marker& marker)
{
    return std::string(k_heading) + "\nproduct " + marker.product + "\nversion " + marker.version + "\nmanifest " +
           marker.manifest_sha256 + "\norigin " + (marker.adopted ? "adopted" : "filled") + "\n";
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
    const Marker marker{std::string(values["product"]), std::string(values["version"]), std::string(values["manifest"]),
                        values["origin"] == "adopted"};
    if (format_marker(marker) != text || marker.product.empty()) {
        throw Error(ExitCode::config,
                    quoted(origin) + " is damaged; nothing was changed, restore that file from a backup");
    }
    return marker;
}

std::optional<Marker> read_marker(const std::string& path)
{
    constexpr std::uint64_t max_bytes = 4096;
    const auto text = sys::read_file(path, max_bytes);
    return text ? std::optional(parse_marker(*text, path)) : std::nullopt;
}

}  // namespace dcm::volume
