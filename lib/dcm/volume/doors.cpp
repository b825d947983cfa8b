// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/volume/doors.hpp>

#include <algorithm>

namespace dcm::volume {

bool is_in(std::string_view path, std::string_view directory)
{
    return path == directory || starts_with(path, std::string(directory) + "/");
}

std::string_view name(Harden level)
{
    constexpr std::array<std::string_view, 4> names{"-", "off", "basic", "full"};
    return names.at(static_cast<std::size_t>(level));
}

std::optional<Harden> parse_harden(std::string_view text)
{
    for (const Harden level : {Harden::off, Harden::basic, Harden::full}) {
        if (name(level) == text) {
            return level;
        }
    }
    return std::nullopt;
}

const Door* door_of(std::string_view path)
{
    const auto* const door =
        std::find_if(k_doors.begin(), k_doors.end(), [&](const Door& d) { return is_in(path, d.path); });
    return door == k_doors.end() ? nullptr : door;
}

std::string kept_path(std::string_view path) { return std::string(".dcm/hardened/").append(path); }

}  // namespace dcm::volume
