// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/fd.hpp>
#include <dcm/sys/nonblocking_writer.hpp>

#include <poll.h>

#include <array>
#include <cstddef>
#include <functional>
#include <string_view>

namespace dcm::archive {

// The standard output of the server: a pipe whose lines are copied to `output` and seen on their way. Memory is fixed
// and every call short, however much the server writes and however slowly the output is read; lines that nobody takes
// make the server wait, as without this.
class Console {
public:
    using See = std::function<void(std::string_view line)>;  // newline included

    // `output` stays the caller's. Throws Error(os_error).
    Console(int output, See see);

    // For the server. This object keeps it open, so that the pipe outlives every server.
    int write_end() const { return m_write_end.get(); }

    // What to poll for before `work` has something to do: more to read, or room in the output.
    pollfd waits_for() const;

    // Copy what is there, at most one buffer of it; never waits.
    void work();

    // At the end, once nothing writes any more: all that is there and that the output takes at once.
    void finish();

private:
    void flush();
    void fill();

    sys::Fd m_read_end;
    sys::Fd m_write_end;
    sys::NonblockingWriter m_output;
    See m_see;
    // What was read; whole lines at its front go to the output.
    std::array<char, 16384> m_buffer{};
    std::size_t m_written = 0;
    std::size_t m_lines = 0;  // end of the last whole line
    std::size_t m_filled = 0;
};

}  // namespace dcm::archive
