// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dcm {

// What a path of server/default is to the site and to the image (docs/dcm-seed-volume.md has the table).
enum class PathClass { image, config, state, scratch, log };

// Which class a path has, by the table in path_class.cpp.
PathClass class_of(const std::string& path);

// Whether an upgrade goes on with it: code and configuration.
constexpr bool follows_image(PathClass path_class)
{
    return path_class == PathClass::image || path_class == PathClass::config;
}

// Whether what is in a directory at `path` comes from the running server: tmp, work and log themselves are
// configuration.
bool is_filled_by_server(const std::string& path);

std::string_view name(PathClass path_class);
std::optional<PathClass> parse_path_class(std::string_view name);

}  // namespace dcm
