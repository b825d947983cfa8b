// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/reach.hpp>
#include <dcm/sys/fd.hpp>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace dcm::db {

namespace {

// The errno of connecting to one address; 0: connected.
int connect_error(const addrinfo& address, std::chrono::milliseconds timeout)
{
    const sys::Fd fd(socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) {
        return errno;
    }
    if (connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    pollfd poll_fd{fd.get(), POLLOUT, 0};
    if (poll(&poll_fd, 1, static_cast<int>(timeout.count())) <= 0) {
        return ETIMEDOUT;
    }
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

}  // namespace

Cause why_unreachable(const std::string& host, const std::string& port, std::chrono::milliseconds timeout)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
        return Cause::unknown_host;
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, freeaddrinfo);
    Cause cause = Cause::timed_out;
    for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
        const int error = connect_error(*address, timeout);
        if (error == 0) {
            return Cause::not_ready;
        }
        if (error == ECONNREFUSED) {
            cause = Cause::refused;
        }
    }
    return cause;
}

}  // namespace dcm::db
