// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/tcp_table.hpp>
#include <dcm/core/text.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <memory>

namespace dcm::archive {

namespace {

template <typename T>
std::optional<T> parse_hex(std::string_view text)
{
    T value{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return failure == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// The kernel prints an address as 32-bit words in the machine's own order.
std::optional<std::string> address_of(std::string_view hex)
{
    std::array<std::uint32_t, 4> words{};
    if (hex.size() != 8 && hex.size() != 32) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < hex.size() / 8; ++i) {
        const auto word = parse_hex<std::uint32_t>(hex.substr(i * 8, 8));
        if (!word) {
            return std::nullopt;
        }
        words.at(i) = *word;
    }
    const bool mapped = hex.size() == 32 && words[0] == 0 && words[1] == 0 && words[2] == htonl(0xffff);
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (hex.size() == 8 || mapped) {
        inet_ntop(AF_INET, mapped ? &words[3] : &words[0], text.data(), text.size());
    } else {
        inet_ntop(AF_INET6, words.data(), text.data(), text.size());
    }
    return text.data();
}

bool is_any(const std::string& address) { return address == "0.0.0.0" || address == "::"; }

void read_table(const char* path, std::vector<TcpSocket>& table)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "re"), std::fclose);
    std::array<char, 512> line{};
    while (file && std::fgets(line.data(), static_cast<int>(line.size()), file.get()) != nullptr) {
        const auto socket = parse_tcp_line(line.data());
        if (socket && socket->state != TcpSocket::State::other) {
            table.push_back(*socket);
        }
    }
}

}  // namespace

std::optional<TcpSocket> parse_tcp_line(std::string_view line)
{
    std::array<std::string_view, 4> fields;  // number, local address:port, remote one, state
    std::size_t count = 0;
    for (const auto word : split(line, ' ')) {
        if (!word.empty() && count < fields.size()) {
            fields.at(count++) = word;
        }
    }
    const auto colon = fields[1].find(':');
    if (count < fields.size() || colon == std::string_view::npos) {
        return std::nullopt;
    }
    const auto address = address_of(fields[1].substr(0, colon));
    const auto port = parse_hex<std::uint16_t>(fields[1].substr(colon + 1));
    if (!address || !port) {
        return std::nullopt;
    }
    using State = TcpSocket::State;
    const State state = fields[3] == "01" ? State::established : fields[3] == "0A" ? State::listening : State::other;
    return TcpSocket{*address, *port, state};
}

std::vector<TcpSocket> read_tcp_table()
{
    std::vector<TcpSocket> table;
    read_table("/proc/self/net/tcp", table);
    read_table("/proc/self/net/tcp6", table);
    return table;
}

std::optional<std::string> listener_of(const std::vector<TcpSocket>& table, std::uint16_t port)
{
    const auto found = std::find_if(table.begin(), table.end(), [port](const TcpSocket& socket) {
        return socket.port == port && socket.state == TcpSocket::State::listening;
    });
    if (found == table.end()) {
        return std::nullopt;
    }
    return is_any(found->address) ? "127.0.0.1" : found->address;
}

std::size_t connections_to(const std::vector<TcpSocket>& table, std::uint16_t port)
{
    return static_cast<std::size_t>(std::count_if(table.begin(), table.end(), [port](const TcpSocket& socket) {
        return socket.port == port && socket.state == TcpSocket::State::established;
    }));
}

}  // namespace dcm::archive
