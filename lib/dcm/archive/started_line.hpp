// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/process.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace dcm::archive {

// Looks for the line by which JBoss says in its log that it is up: "… JBoss … Started in 6s:042ms".
class StartedLine {
public:
    // From here on only what is written to `path` counts, not what stands in it; read with the rights of `reader`, who
    // writes it.
    void watch(const std::string& path, const std::optional<sys::Credentials>& reader = {});

    // Read on; whether the line has come. A log that was truncated or rolled over is read from its beginning. Reads
    // 8 MB at most in one go.
    bool look();

    // For text from elsewhere, in pieces of any length.
    bool feed(std::string_view text);

private:
    std::string m_path;
    std::optional<sys::Credentials> m_reader;
    ino_t m_inode = 0;
    off_t m_offset = 0;
    std::string m_line;  // unfinished, its first kilobyte
    bool m_seen = false;
};

}  // namespace dcm::archive
