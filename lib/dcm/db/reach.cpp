// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/reach.hpp>
#include <dcm/sys/fd.hpp>

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

namespace dcm::db {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* k_closes = "closes the connection before it greets";
constexpr const char* k_silent = "takes the connection and says nothing";

// Wait for `events` on `fd` until `deadline`.
bool ready(int fd, short events, steady_clock::time_point deadline)
{
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    pollfd poll_fd{fd, events, 0};
    return poll(&poll_fd, 1, static_cast<int>(std::max(left, milliseconds(0)).count())) > 0;
}

// The errno of connecting; 0: connected.
int connect_error(int fd, const addrinfo& address, steady_clock::time_point deadline)
{
    if (connect(fd, address.ai_addr, address.ai_addrlen) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    if (!ready(fd, POLLOUT, deadline)) {
        return ETIMEDOUT;
    }
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

std::optional<Failure> look_at(const addrinfo& address, milliseconds timeout)
{
    const auto deadline = steady_clock::now() + timeout;
    const sys::Fd fd(socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int error = fd ? connect_error(fd.get(), address, deadline) : errno;
    if (error != 0) {
        return Failure{error == ECONNREFUSED ? Cause::refused : Cause::timed_out, error, {}};
    }
    std::array<char, 1> first{};
    if (!ready(fd.get(), POLLIN, deadline)) {
        return Failure{Cause::no_greeting, ETIMEDOUT, k_silent};
    }
    if (recv(fd.get(), first.data(), first.size(), MSG_PEEK) <= 0) {
        return Failure{Cause::no_greeting, ECONNRESET, k_closes};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Failure> why_unreachable(const std::string& host, const std::string& port, milliseconds timeout)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
        return Failure{Cause::unknown_host, 0, {}};
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, freeaddrinfo);
    // What speaks most of a server counts: it closes, else it refuses, else it is silent.
    Failure result{Cause::timed_out, 0, {}, 0};
    for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
        const auto failure = look_at(*address, timeout);
        if (!failure) {
            return std::nullopt;
        }
        const int tried = result.connections + 1;
        if (failure->cause == Cause::no_greeting || result.cause == Cause::timed_out) {
            result = *failure;
        }
        result.connections = tried;
    }
    return result;
}

void limit_name_lookup(milliseconds limit)
{
    constexpr int tries = 2;
    if (res_init() == 0) {
        _res.retry = tries;
        _res.retrans = std::max(1, static_cast<int>(limit.count() / 1000) / tries);
    }
}

}  // namespace dcm::db
