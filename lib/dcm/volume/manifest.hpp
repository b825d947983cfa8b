// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/path_class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::volume {

enum class Type { directory, file, link };

// One path of the pristine tree.
struct Entry {
    Type type = Type::file;
    PathClass path_class = PathClass::config;
    unsigned mode = 0644;    // permission bits
    std::uint64_t size = 0;  // bytes of a file
    std::string sha256;      // of a file's content, hexadecimal
    std::string target;      // of a symbolic link
    std::string path;        // relative to the root, '/'-separated, any bytes but NUL
};

// Entries sorted by path, so that a directory comes before what it holds. The root itself is not listed.
using Manifest = std::vector<Entry>;

// The text of a manifest: a heading, then one line per entry, tab-separated; control characters, blanks and '%' in
// names are written as %XX.
std::string format_manifest(const Manifest& manifest);

// The reverse. Throws Error(data_error) naming `origin` and the line for anything that `format_manifest` does not
// write, paths that leave the tree included.
Manifest parse_manifest(std::string_view text, const std::string& origin);

// Read the tree below `root` (`.dcm` left out), hashing every file; `classify` says which class a path has. Sockets,
// devices and FIFOs: Error(data_error).
using Classify = PathClass (*)(const std::string& path);
Manifest scan(const std::string& root, Classify classify);

bool same_content(const Entry& a, const Entry& b);

// The entry of `path`, or nullptr.
const Entry* find(const Manifest& manifest, std::string_view path);

std::string_view name(Type type);
std::optional<Type> type_of(std::string_view name);

}  // namespace dcm::volume
