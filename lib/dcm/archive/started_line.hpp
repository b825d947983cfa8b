// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace dcm::archive {

// Whether this is the line by which JBoss says that it is up: "… JBoss … Started in 6s:042ms".
bool says_started(std::string_view line);

// Where the log of the server in a directory (server/default) ends: what follows is new. Anything but a regular file is
// no log.
struct LogEnd {
    ino_t inode = 0;
    off_t offset = 0;
};
LogEnd end_of_log(const std::string& server);

// Looks for that line in its log.
class StartedLine {
public:
    // Only what is written to the log of `server` behind `end` counts.
    void watch(const std::string& server, const LogEnd& end);

    // Read on; whether the line has come. A log that was truncated or rolled over is read from its beginning. Reads
    // 8 MB at most in one go.
    bool look();

    // For text from elsewhere, in pieces of any length.
    bool feed(std::string_view text);

private:
    std::string m_server;
    LogEnd m_end;
    std::string m_line;  // unfinished, its first kilobyte
    bool m_seen = false;
};

}  // namespace dcm::archive
