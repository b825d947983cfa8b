// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/cron/job_name.hpp>
#include <dcm/sys/sha256.hpp>

#include <cctype>

namespace dcm::cron {

std::string as_job_name(std::string_view text)
{
    constexpr std::size_t k_longest = 24;
    std::string name;
    for (const char c : text.substr(0, k_longest)) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                           std::string_view("._+@-").find(c) != std::string_view::npos;
        name.push_back(plain && static_cast<unsigned char>(c) < 0x80 ? c : '_');
    }
    return name;
}

std::string job_name(std::string_view command)
{
    command = trim(command);
    const auto word = command.substr(0, command.find_first_of(" \t"));
    const auto name = as_job_name(word.substr(word.find_last_of('/') + 1));
    return name.empty() ? "job" : name;
}

std::string job_id(const std::string& command) { return sys::sha256(command).substr(0, 12); }

}  // namespace dcm::cron
