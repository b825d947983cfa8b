// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::archive {

// What this container may use, in bytes, and how often the kernel killed something of it for want of memory; nullopt
// where there is no limit, no counter.
struct ContainerMemory {
    std::optional<std::uint64_t> limit;
    std::optional<std::uint64_t> oom_kills;
};

// From the control groups, version 2 or 1, its own and those above it. `root` stands before /proc and /sys in tests.
ContainerMemory read_container_memory(const std::string& root = {});

// What `pid` holds in memory (VmRSS), in bytes; nullopt when there is no such process.
std::optional<std::uint64_t> resident_memory(pid_t pid);

// The number after `key` in a file of "key value" lines, as memory.events and /proc/PID/status are.
std::optional<std::uint64_t> find_number(std::string_view text, std::string_view key);

// The path of this process's group: {version, path} from /proc/self/cgroup; the memory group where there are several.
struct GroupPath {
    int version = 2;
    std::string path;
};
std::optional<GroupPath> parse_group_path(std::string_view text);

}  // namespace dcm::archive
