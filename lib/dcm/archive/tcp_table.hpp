// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::archive {

// What goes on at one TCP port of this network namespace.
struct PortUse {
    std::optional<std::string> listening;  // the numeric address to reach it at
    std::size_t connections = 0;           // established, with this as the local port
};

// One line of /proc/net/tcp or /proc/net/tcp6 (proc(5)); what is neither changes nothing.
void add_tcp_line(std::string_view line, std::uint16_t port, PortUse& use);

// Empty where there is no /proc.
PortUse read_port_use(std::uint16_t port);

}  // namespace dcm::archive
