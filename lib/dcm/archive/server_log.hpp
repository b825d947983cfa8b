// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>

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

// Rename `log`, which JBoss would truncate, to LOG.YYYYmmdd-HHMMSS (of a link, what it leads to, beside that), and
// remove older ones beyond `keep`. Returns the new name, nullopt when there was nothing to keep. What fails is a
// warning: a log must not keep the archive down.
std::optional<std::string> keep_server_log(const std::string& log, const LogKeep& keep, const Notify& notify);

// The last `count` lines of a file, `max_bytes` at most; empty when it cannot be read.
std::vector<std::string> last_lines(const std::string& path, std::size_t count, std::size_t max_bytes = 8192);

}  // namespace dcm::archive
