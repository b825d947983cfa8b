// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/beneath.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace dcm::sys {

// An exclusive lock on a file (flock, which NFS has, too), given back at the end of its life, by the kernel at the
// latest: a dead holder never blocks. The file says who holds it and stays. Keep it where nobody else can open it.
class LockFile {
public:
    // Calls `on_wait(holder)` once when another process holds it, with who and for how long; gives up with
    // Error(temp_fail) after `timeout` (nullopt: never). What a program before us in the chain kept is ours.
    LockFile(const Beneath& tree, const std::string& path, std::optional<std::chrono::milliseconds> timeout,
             const std::function<void(const std::string& holder)>& on_wait);

    // False where nothing can be locked (no such file can be made, a file system without locks): then nothing is
    // excluded, and the caller says so.
    bool effective() const { return m_effective; }

    // Held by what this process becomes (exec), too, and from then on for the life of that.
    void keep();

private:
    Fd m_fd;
    bool m_effective = true;
};

// Who holds the lock at `path`, and for how long; nullopt when nobody does.
std::optional<std::string> lock_holder(const Beneath& tree, const std::string& path);

// What a program before us in the chain kept, for us alone: no child gets it. Empty when there is none.
Fd take_over_lock();

}  // namespace dcm::sys
