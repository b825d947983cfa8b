// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/fd.hpp>

#include <cstddef>
#include <string_view>

namespace dcm::sys {

// Standard output or error, to write to without ever waiting for whoever reads it. Other processes have the same
// descriptor and expect it to block, so a pipe or a terminal is opened once more for this one. Where that is not to be
// had (a socket, a pipe of another user), a write may still wait when another process fills the last room at the same
// moment.
class NonblockingWriter {
public:
    // `fd` stays the caller's, and open as long as this object lives.
    explicit NonblockingWriter(int fd);

    // For poll(2).
    int fd() const { return m_own ? m_own.get() : m_shared; }

    // Write from the front of `text` what is taken at once: whole lines, or 4096 bytes of a longer one, so that what
    // other processes write does not come between. Returns how much of it is done with: all of it once nobody is there
    // to read, since nothing may wait for that.
    std::size_t write(std::string_view text) const;

private:
    int m_shared;
    Fd m_own;
};

}  // namespace dcm::sys
