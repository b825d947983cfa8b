// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <string>
#include <vector>

namespace dcm::db {

// One directory that DICOM files are stored below, and files that are said to be there.
struct Place {
    std::string root;
    std::vector<std::string> paths;  // below it
};

// What the disk says about it.
struct Seen {
    bool no_mount = false;             // NO_MOUNT lies there, dcm4chee's own mark for a mount that is missing
    std::vector<bool> missing;         // for each of the paths: it is surely not there
    std::vector<std::string> samples;  // files that are there: 20 at most, of the last 30 days, a few of each
    bool has_files = false;            // there is one, of whatever year
};

// Look at a place: no link below its root is followed, no more than some thousand names are read. What cannot be looked
// at is not missing. Files of images are below YEAR/MONTH, as the archive makes them.
Seen look_at(const Place& place, std::time_t now);

// Whether `path` is one that the archive writes: relative, without "..", empty parts and control characters.
bool is_plain_path(const std::string& path);

// A Seen as a text without newlines, and back again: what a child tells its parent.
std::string format_seen(const Seen& seen);
Seen parse_seen(const std::string& text);

}  // namespace dcm::db
