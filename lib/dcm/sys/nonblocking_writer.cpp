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

ssize_t NonblockingWriter::write(std::string_view text) const
{
    pollfd waiting{fd(), POLLOUT, 0};
    if (poll(&waiting, 1, 0) != 1) {
        errno = EAGAIN;
        return -1;
    }
    const auto piece = text.substr(0, PIPE_BUF);
    const auto end = piece.rfind('\n');
    return ::write(fd(), piece.data(), end == std::string_view::npos ? piece.size() : end + 1);
}

}  // namespace dcm::sys
