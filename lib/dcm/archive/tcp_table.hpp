// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::archive {

// This side of a TCP socket of this network namespace.
struct TcpSocket {
    enum class State { established, listening, other };
    std::string address;  // numeric; 0.0.0.0 or :: where it is any
    std::uint16_t port = 0;
    State state = State::other;
};

// One line of /proc/net/tcp or /proc/net/tcp6 (proc(5)); nullopt for what is none.
std::optional<TcpSocket> parse_tcp_line(std::string_view line);

// All that are established or listen.
std::vector<TcpSocket> read_tcp_table();

// The numeric address to reach `port` at; nullopt when nobody listens.
std::optional<std::string> listener_of(const std::vector<TcpSocket>& table, std::uint16_t port);

// How many connections others have made to `port`.
std::size_t connections_to(const std::vector<TcpSocket>& table, std::uint16_t port);

}  // namespace dcm::archive
