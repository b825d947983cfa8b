// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/tcp_table.hpp>
#include <dcm/core/text.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
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
    const bool any = std::all_of(words.begin(), words.end(), [](std::uint32_t word) { return word == 0; });
    const bool mapped = hex.size() == 32 && words[0] == 0 && words[1] == 0 && words[2] == htonl(0xffff);
    if (any || (mapped && words[3] == 0)) {
        return "127.0.0.1";
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (hex.size() == 8 || mapped) {
        inet_ntop(AF_INET, mapped ? &words[3] : &words[0], text.data(), text.size());
    } else {
        inet_ntop(AF_INET6, words.data(), text.data(), text.size());
    }
    return text.data();
}

void read_table(const char* path, std::uint16_t port, PortUse& use)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "re"), std::fclose);
    std::array<char, 512> line{};
    while (file && std::fgets(line.data(), static_cast<int>(line.size()), file.get()) != nullptr) {
        add_tcp_line(line.data(), port, use);
    }
}

}  // namespace

void add_tcp_line(std::string_view line, std::uint16_t port, PortUse& use)
{
    constexpr std::string_view established = "01";
    constexpr std::string_view listening = "0A";
    std::array<std::string_view, 4> fields;  // number, local address:port, remote one, state
    std::size_t count = 0;
    for (const auto word : split(line, ' ')) {
        if (!word.empty() && count < fields.size()) {
            fields.at(count++) = word;
        }
    }
    const auto colon = fields[1].find(':');
    if (count < fields.size() || colon == std::string_view::npos ||
        parse_hex<std::uint16_t>(fields[1].substr(colon + 1)) != port) {
        return;
    }
    if (fields[3] == established) {
        ++use.connections;
    } else if (fields[3] == listening && !use.listening) {
        use.listening = address_of(fields[1].substr(0, colon));
    }
}

PortUse read_port_use(std::uint16_t port)
{
    PortUse use;
    read_table("/proc/self/net/tcp", port, use);
    read_table("/proc/self/net/tcp6", port, use);
    return use;
}

}  // namespace dcm::archive
