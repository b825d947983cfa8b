// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/sys/beneath.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::archive {

// How many kept logs stay: the newest `count`, or those younger than `age`.
struct LogKeep {
    std::size_t count = 14;
    std::optional<std::chrono::milliseconds> age;
};

// "14": a count; "14d", "36h": an age. nullopt for anything else.
std::optional<LogKeep> parse_log_keep(std::string_view text);

constexpr const char* k_server_log = "server.log";

// The log directory in `server` (server/default), for a process that has the server's rights. A link in its place is
// followed where it is root's, unless this process is root: then the server may have laid it. nullopt, with errno, when
// there is none.
std::optional<sys::Beneath> log_directory(const std::string& server);

// Rename the log `name`, which JBoss would truncate, to NAME.YYYYmmdd-HHMMSS, and remove older ones beyond `keep`. A
// link, which the server may have laid, is left alone. Returns the new path, nullopt when there was nothing to keep.
// What fails is a warning: a log must not keep the archive down.
std::optional<std::string> keep_server_log(const sys::Beneath& directory, const std::string& name, const LogKeep& keep,
                                           const Notify& notify);

// The last `count` lines of a file, `max_bytes` at most; empty when it cannot be read, or is a link.
std::vector<std::string> last_lines(const sys::Beneath& directory, const std::string& name, std::size_t count,
                                    std::size_t max_bytes = 8192);

}  // namespace dcm::archive
