// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace dcm::archive {

// Whether this is the line by which JBoss says that it is up: "… JBoss … Started in 6s:042ms".
bool says_started(std::string_view line);

// Where a log ends: what follows is new.
struct LogEnd {
    ino_t inode = 0;
    off_t offset = 0;
};
LogEnd end_of_log(const std::string& path);

// Looks for that line in its log.
class StartedLine {
public:
    // Only what is written to `path` behind `end` counts.
    void watch(const std::string& path, const LogEnd& end);

    // Read on; whether the line has come. A log that was truncated or rolled over is read from its beginning. Reads
    // 8 MB at most in one go.
    bool look();

    // For text from elsewhere, in pieces of any length.
    bool feed(std::string_view text);

private:
    std::string m_path;
    LogEnd m_end;
    std::string m_line;  // unfinished, its first kilobyte
    bool m_seen = false;
};

}  // namespace dcm::archive
