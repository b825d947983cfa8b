// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/beneath.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace dcm::datasource {

constexpr std::uint64_t k_max_bytes = 1U << 20U;  // of a file that is read whole

// A file in one of the directories deploy, conf and lib of server/default, where the server's user may write: a link
// that he made is not followed, one of root (or of this process's user) is, unless the server may be root. In any other
// directory it is the caller's own file, and every link is followed.
class ServerFile {
public:
    // Throws Error(no_input) naming a link that is not followed.
    explicit ServerFile(std::string path);

    // The whole of a regular file; nullopt when there is none. Throws Error(no_input) when it cannot be read, is not a
    // regular file or is larger.
    std::optional<std::string> read(std::uint64_t max_bytes) const;

    // Open for reading, without waiting for anybody. Empty on failure, and errno says why.
    sys::Fd open() const;

    // Replace it as write_file_atomically does; a link of root stays one. The temporary file is in `.dcm` of the same
    // volume where there is one, as JBoss's deployment scanner would look at one beside the file. Throws what that
    // function throws.
    void write(const std::string& content, mode_t mode) const;

    // Of the file as it is; nullopt when there is none.
    std::optional<mode_t> mode() const;

private:
    std::string m_path;                    // where it really is, as the caller may open it
    std::optional<sys::Beneath> m_server;  // what `m_name` is in; none: m_path is the caller's own
    std::string m_name;
};

}  // namespace dcm::datasource
