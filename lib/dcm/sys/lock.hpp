// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/fd.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace dcm::sys {

// An exclusive lock on a file (flock), given back at the end of its life, by the kernel at the latest: a dead holder
// never blocks. The file says who holds it and stays.
class LockFile {
public:
    // Calls `on_wait(holder)` once when another process holds it, with who and for how long; gives up with
    // Error(temp_fail) after `timeout` (nullopt: never). Throws Error(cant_create or no_permission) when the file
    // cannot be made.
    LockFile(const std::string& path, std::optional<std::chrono::milliseconds> timeout,
             const std::function<void(const std::string& holder)>& on_wait);

    // False where the file system has no locks: then nothing is excluded, and the caller says so.
    bool effective() const { return m_effective; }

private:
    Fd m_fd;
    bool m_effective = true;
};

}  // namespace dcm::sys
