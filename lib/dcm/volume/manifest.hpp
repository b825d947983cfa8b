// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
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
std::string format_manifest(const Manifest& manifest);

// The reverse. Throws Error(data_error) naming `origin` and the line for anything that `format_manifest` does not
// write, paths that leave the tree included.
Manifest parse_manifest(std::string_view text, const std::string& origin);

// Which class a path has: the first rule whose pattern matches decides, configuration is what no rule names.
class Classes {
public:
    // `rules`: lines of a class and a shell pattern in which '*' crosses '/'; '#' begins a comment.
    // Throws Error(data_error) naming `origin` and the line.
    Classes(std::string_view rules, const std::string& origin);

    Class of(const std::string& path) const;

private:
    std::vector<std::pair<std::string, Class>> m_rules;
};

// The rules that are built in: lib/dcm/volume/classes.rules.
const Classes& default_classes();

// Read the tree below `root` (`.dcm` left out), hashing every file. Sockets, devices and FIFOs: Error(data_error).
Manifest scan(const std::string& root, const Classes& classes);

bool same_content(const Entry& a, const Entry& b);

// The entry of `path`, or nullptr.
const Entry* find(const Manifest& manifest, std::string_view path);

std::string_view name(Type type);
std::string_view name(Class path_class);

}  // namespace dcm::volume
