// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/status.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::archive {

// The room on one directory: where images are stored, or the volume of the configuration.
struct Room {
    std::string directory;
    std::uint64_t free = 0;  // bytes that are no reserve of root's
    bool read_only = false;
};

struct Storage {
    std::uint64_t needed = 0;  // below it the archive refuses images: its own MinimumFreeDiskSpace
    Room volume;
    std::vector<Room> rooms;
};

// Look at `server` (server/default) and at `directories`, which are relative to it or absolute. To be asked in a child:
// a file system of the volume may never answer.
Storage measure_storage(const std::string& server, const std::vector<std::string>& directories);

// What is wrong with it: images are refused, or soon will be; the volume of the configuration is full.
std::optional<Condition> judge_rooms(const Storage& storage);
std::optional<Condition> judge_volume(const Storage& storage);

// As a line without its end, and back; nullopt, an empty line, where nothing is wrong, and for what is no such line.
std::string format_condition(const std::optional<Condition>& condition);
std::optional<Condition> parse_condition(std::string_view line);

// The bytes of dcm4chee's "50MB" or "2GB" (powers of 1000); nullopt for anything else.
std::optional<std::uint64_t> parse_free_space(std::string_view text);

// The value of attribute MinimumFreeDiskSpace in a file that JBoss keeps settings in; nullopt where it has none.
std::optional<std::uint64_t> minimum_free_of(const std::string& attributes);

}  // namespace dcm::archive
