// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/arguments.hpp>
#include <dcm/core/text.hpp>

#include <algorithm>

namespace dcm::archive {

std::optional<std::string> parse_aet(const std::string& text)
{
    const std::string title(trim(text));
    const bool sound = !title.empty() && title.size() <= 16 && std::all_of(title.begin(), title.end(), [](char c) {
        return c >= ' ' && c <= '~' && c != '\\';
    });
    return sound ? std::optional(title) : std::nullopt;
}

std::optional<std::uint16_t> parse_port(const std::string& text)
{
    const auto port = parse_unsigned(text, 1, 65535);
    return port ? std::optional(static_cast<std::uint16_t>(*port)) : std::nullopt;
}

std::optional<unsigned> parse_peer_id(const std::string& text)
{
    const auto id = parse_unsigned(text, 0, 1023);
    return id ? std::optional(static_cast<unsigned>(*id)) : std::nullopt;
}

std::optional<std::uint64_t> parse_limit(const std::string& text)
{
    const auto bytes = parse_size(text);
    return bytes && *bytes > 0 ? bytes : std::nullopt;
}

std::vector<std::string> run_arguments(const std::optional<unsigned>& server_peer_id,
                                       const std::vector<std::string>& given)
{
    std::vector<std::string> arguments;
    if (server_peer_id) {
        arguments.push_back("-Djboss.messaging.ServerPeerID=" + std::to_string(*server_peer_id));
    }
    arguments.insert(arguments.end(), given.begin(), given.end());
    return arguments;
}

}  // namespace dcm::archive
