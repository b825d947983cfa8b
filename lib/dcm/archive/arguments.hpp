// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::archive {

// Texts of settings, checked; nullopt for what cannot be meant.
std::optional<std::string> parse_aet(const std::string& text);  // DICOM: 1 to 16 printable characters, no backslash
std::optional<std::uint16_t> parse_port(const std::string& text);
std::optional<unsigned> parse_peer_id(const std::string& text);     // JBoss Messaging: 0 to 1023
std::optional<std::uint64_t> parse_limit(const std::string& text);  // a size such as 3G, not 0

// The arguments of run.sh. Its JVM takes -Dname=value there, later than what run.conf says; `given`, last, wins.
std::vector<std::string> run_arguments(const std::optional<unsigned>& server_peer_id,
                                       const std::vector<std::string>& given);

}  // namespace dcm::archive
