// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/export.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::volume {

enum class Type { directory, file, link };

// What a path is to the site and to the image (docs/dcm-seed-volume.md has the table).
enum class Class { image, config, state, scratch, log };

// One path of the pristine tree.
struct Entry {
    Type type = Type::file;
    Class path_class = Class::config;
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
DCM_API std::string format_manifest(const Manifest& manifest);

// The reverse. Throws Error(data_error) naming `origin` and the line for anything that `format_manifest` does not
// write, paths that leave the tree included.
DCM_API Manifest parse_manifest(std::string_view text, const std::string& origin);

// The class of a path by the rules of facts: code, configuration, state, scratch, logs.
DCM_API Class classify(std::string_view path);

// Read the tree below `root` (`.dcm` left out), hashing every file. Sockets, devices and FIFOs: Error(data_error).
DCM_API Manifest scan(const std::string& root);

}  // namespace dcm::volume
