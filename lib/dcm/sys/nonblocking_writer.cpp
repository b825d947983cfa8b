// SPDX-License-Identifier: Apache-2.0
#include <dcm/sys/file.hpp>
#include <dcm/sys/nonblocking_writer.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <string>

namespace dcm::sys {

NonblockingWriter::NonblockingWriter(int fd) : m_shared(fd)
{
    struct stat status {};
    if (fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || isatty(fd) == 1)) {
        m_own = open_fd("/proc/self/fd/" + std::to_string(fd), O_WRONLY | O_NONBLOCK | O_NOCTTY);
    }
}

std::size_t NonblockingWriter::write(std::string_view text) const
{
    pollfd waiting{fd(), POLLOUT, 0};
    std::size_t done = 0;
    while (done < text.size() && poll(&waiting, 1, 0) == 1) {
        const auto piece = text.substr(done, PIPE_BUF);
        const auto end = piece.rfind('\n');
        const auto written = ::write(fd(), piece.data(), end == std::string_view::npos ? piece.size() : end + 1);
        if (written < 0) {
            return errno == EINTR || errno == EAGAIN ? done : text.size();
        }
        done += static_cast<std::size_t>(written);
    }
    return done;
}

}  // namespace dcm::sys
