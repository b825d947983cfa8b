// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/memory.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>

#include <algorithm>

namespace dcm::archive {

namespace {

constexpr std::uint64_t k_no_limit = std::uint64_t{1} << 60U;  // version 1 says "none" by a huge number

std::optional<std::uint64_t> read_number(const std::string& path)
{
    return parse_unsigned(trim(sys::read_or_empty(path)), 0, UINT64_MAX);
}

// Without a namespace of its own, a container's group is in a path that it does not see: then the root is its own.
template <typename Visit>
void for_each_group(const std::string& mount, std::string path, Visit visit)
{
    for (;;) {
        visit(mount + (path == "/" ? "" : path));
        if (path.size() <= 1) {
            return;
        }
        path = sys::parent_directory(path);
    }
}

}  // namespace

std::optional<std::uint64_t> find_number(std::string_view text, std::string_view key)
{
    for (const auto line : split(text, '\n')) {
        if (starts_with(line, key) && line.size() > key.size() &&
            (line[key.size()] == ' ' || line[key.size()] == ':')) {
            const auto value = trim(line.substr(key.size() + 1));
            return parse_unsigned(value.substr(0, value.find(' ')), 0, UINT64_MAX);
        }
    }
    return std::nullopt;
}

std::optional<GroupPath> parse_group_path(std::string_view text)
{
    std::optional<GroupPath> found;
    for (const auto line : split(text, '\n')) {  // hierarchy:controllers:path
        const auto first = line.find(':');
        const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos || line.substr(second + 1, 1) != "/") {
            continue;
        }
        const auto controllers = split(line.substr(first + 1, second - first - 1), ',');
        const std::string path(line.substr(second + 1));
        if (std::find(controllers.begin(), controllers.end(), "memory") != controllers.end()) {
            return GroupPath{1, path};
        }
        if (starts_with(line, "0::")) {
            found = GroupPath{2, path};
        }
    }
    return found;
}

ContainerMemory read_container_memory(const std::string& root)
{
    ContainerMemory memory;
    const auto group = parse_group_path(sys::read_or_empty(root + "/proc/self/cgroup"));
    if (!group) {
        return memory;
    }
    const bool unified = group->version == 2;
    const std::string mount = root + (unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory");
    for_each_group(mount, group->path, [&](const std::string& directory) {
        const auto limit = read_number(directory + (unified ? "/memory.max" : "/memory.limit_in_bytes"));
        if (limit && *limit < k_no_limit && (!memory.limit || *limit < *memory.limit)) {
            memory.limit = limit;
        }
        const auto events = sys::read_or_empty(directory + (unified ? "/memory.events" : "/memory.oom_control"));
        if (!memory.oom_kills) {
            memory.oom_kills = find_number(events, "oom_kill");
        }
    });
    return memory;
}

std::optional<std::uint64_t> resident_memory(pid_t pid)
{
    const auto kilobytes = find_number(sys::read_or_empty("/proc/" + std::to_string(pid) + "/status"), "VmRSS");
    return kilobytes ? std::optional(*kilobytes * 1024) : std::nullopt;
}

}  // namespace dcm::archive
