// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/nonblocking_writer.hpp>

#include <poll.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace dcm::archive {

// The log of this process while one of these lives: lines go to standard error as before, but nobody ever waits for who
// reads it. What it does not take at once is kept, 64 kB of it, and what is more is counted and said later.
class LogQueue {
public:
    LogQueue();
    LogQueue(const LogQueue&) = delete;
    LogQueue& operator=(const LogQueue&) = delete;
    ~LogQueue();  // gives the reader one more second

    // What to poll for before `work` has something to do; nothing while no line waits.
    pollfd waits_for() const { return {m_lines.empty() ? -1 : m_writer.fd(), POLLOUT, 0}; }

    void work();

private:
    void put(std::string_view line);

    sys::NonblockingWriter m_writer;
    std::string m_lines;
    std::size_t m_dropped = 0;
};

}  // namespace dcm::archive
