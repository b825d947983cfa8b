// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/console.hpp>
#include <dcm/core/error.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace dcm::archive {

namespace {

constexpr int k_pipe_size = 1 << 20;  // what the server may say while this process is stopped

}  // namespace

Console::Console(int output, See see) : m_output(output), m_see(std::move(see))
{
    sys::Pipe pipe = sys::make_pipe(sys::Reading::never_waits);
    m_read_end = std::move(pipe.read_end);
    m_write_end = std::move(pipe.write_end);
    fcntl(m_read_end.get(), F_SETPIPE_SZ, k_pipe_size);
}

pollfd Console::waits_for() const
{
    return m_written < m_lines ? pollfd{m_output.fd(), POLLOUT, 0} : pollfd{m_read_end.get(), POLLIN, 0};
}

void Console::work()
{
    flush();
    if (m_written == m_lines) {
        fill();
        flush();
    }
}

void Console::finish()
{
    for (pollfd waiting = waits_for(); poll(&waiting, 1, 0) == 1; waiting = waits_for()) {
        work();
    }
    m_lines = m_filled;  // a last line without its end
    flush();
}

void Console::flush() { m_written += m_output.write({m_buffer.data() + m_written, m_lines - m_written}); }

void Console::fill()
{
    m_filled -= m_lines;
    std::memmove(m_buffer.data(), m_buffer.data() + m_lines, m_filled);
    m_written = 0;
    m_lines = 0;
    const auto got = ::read(m_read_end.get(), m_buffer.data() + m_filled, m_buffer.size() - m_filled);
    if (got <= 0) {
        return;
    }
    m_filled += static_cast<std::size_t>(got);
    const void* const last = memrchr(m_buffer.data(), '\n', m_filled);
    if (last != nullptr) {
        m_lines = static_cast<std::size_t>(static_cast<const char*>(last) - m_buffer.data()) + 1;
    } else if (m_filled == m_buffer.size()) {
        m_lines = m_filled;  // the rest of a line this long follows
    }
    for (std::size_t next = 0; next < m_lines;) {
        const void* const end = std::memchr(m_buffer.data() + next, '\n', m_lines - next);
        const auto stop =
            end == nullptr ? m_lines : static_cast<std::size_t>(static_cast<const char*>(end) - m_buffer.data()) + 1;
        m_see({&m_buffer.at(next), stop - next});
        next = stop;
    }
}

}  // namespace dcm::archive
