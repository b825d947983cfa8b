// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/storage.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/core/xml_scan.hpp>
#include <dcm/sys/beneath.hpp>

#include <sys/statvfs.h>

#include <algorithm>

namespace dcm::archive {

namespace {

constexpr std::uint64_t k_default_minimum = 50'000'000;
constexpr std::uint64_t k_full = 1'000'000;  // of the configuration's volume: no log line finds room
constexpr std::size_t k_longest = 8192;      // a message names one path
constexpr std::uint64_t k_largest_settings = 1U << 20U;

std::optional<Room> room_of(const std::string& directory)
{
    struct statvfs status {};
    if (statvfs(directory.c_str(), &status) != 0) {
        return std::nullopt;
    }
    return Room{directory, status.f_bavail * static_cast<std::uint64_t>(status.f_frsize),
                (status.f_flag & ST_RDONLY) != 0};
}

// The setting of the file systems that images are stored on, of which every group has a file of its own.
std::uint64_t minimum_free(const std::string& server)
{
    std::optional<std::uint64_t> found;
    const sys::Beneath tree(server);
    const auto names = tree.names("data/xmbean-attrs").value_or(std::vector<std::string>{});
    for (const auto& name : names) {
        if (name.find("FileSystemMgt") == std::string::npos || name.find("ONLINE_STORAGE") == std::string::npos) {
            continue;
        }
        try {
            const auto text = tree.read("data/xmbean-attrs/" + name, k_largest_settings);
            const auto minimum = text ? minimum_free_of(*text) : std::nullopt;
            found = std::max(found, minimum);
        } catch (const Error&) {
            continue;  // no file of JBoss's
        }
    }
    return found.value_or(k_default_minimum);
}

Condition refused(const Room& room, const Storage& storage)
{
    const std::string what =
        room.read_only ? "is read-only"
                       : "has " + human_size(room.free) + " free, and " + human_size(storage.needed) + " are needed";
    return {true, "images are refused: " + quoted(room.directory) + " " + what + "; " +
                      (room.read_only ? "mount it writable" : "make room, or store on another disk")};
}

}  // namespace

std::optional<std::uint64_t> parse_free_space(std::string_view text)
{
    const bool giga = ends_with(text, "GB");
    if (!giga && !ends_with(text, "MB")) {
        return std::nullopt;
    }
    const auto number = parse_unsigned(text.substr(0, text.size() - 2), 0, 1'000'000'000);
    return number ? std::optional(*number * (giga ? 1'000'000'000 : 1'000'000)) : std::nullopt;
}

std::optional<std::uint64_t> minimum_free_of(const std::string& attributes)
{
    for (const auto& element : scan_xml(attributes, "settings of JBoss").elements) {
        const auto values = split(element.attributes, '\n');
        if (element.name == "attribute" &&
            std::find(values.begin(), values.end(), "MinimumFreeDiskSpace") != values.end()) {
            return parse_free_space(trim(element.text));
        }
    }
    return std::nullopt;
}

Storage measure_storage(const std::string& server, const std::vector<std::string>& directories)
{
    Storage storage;
    storage.needed = minimum_free(server);
    storage.volume = room_of(server).value_or(Room{server});
    for (const auto& directory : directories) {
        const std::string path = starts_with(directory, "/") ? directory : server + "/" + directory;
        if (const auto room = room_of(path)) {  // the archive makes it when the first image comes
            storage.rooms.push_back(*room);
        }
    }
    return storage;
}

std::string format_condition(const std::optional<Condition>& condition)
{
    return condition ? (condition->fault ? "fault " : "warning ") + printable(condition->text) : std::string();
}

std::optional<Condition> parse_condition(std::string_view line)
{
    const auto blank = std::min(line.find(' '), line.size());
    const bool fault = line.substr(0, blank) == "fault";
    const std::string text = printable(line.substr(blank)).substr(0, k_longest);
    if ((!fault && line.substr(0, blank) != "warning") || text.size() < 2) {
        return std::nullopt;
    }
    return Condition{fault, text.substr(1)};
}

std::optional<Condition> judge_rooms(const Storage& storage)
{
    std::optional<Condition> found;
    for (const auto& room : storage.rooms) {
        if (room.read_only || room.free < storage.needed) {
            return refused(room, storage);
        }
        if (room.free / 2 < storage.needed && !found) {
            found = Condition{false, quoted(room.directory) + " has " + human_size(room.free) + " free; below " +
                                         human_size(storage.needed) + " images are refused"};
        }
    }
    return found;
}

std::optional<Condition> judge_volume(const Storage& storage)
{
    if (storage.volume.free >= k_full && !storage.volume.read_only) {
        return std::nullopt;
    }
    return Condition{true,
                     "the volume of the configuration, " + quoted(storage.volume.directory) + ", is " +
                         (storage.volume.read_only ? "read-only: mount it writable"
                                                   : "full: log lines and settings are lost; make room; a server "
                                                     "that was started meanwhile needs dcm-start --restart then")};
}

}  // namespace dcm::archive
