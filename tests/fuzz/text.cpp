// SPDX-License-Identifier: Apache-2.0
// What reads numbers, durations, sizes, users and secrets' files: what is accepted is within its bounds, what is
// printed is one line.
#include <dcm/core/text.hpp>
#include <dcm/sys/process.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

void require(bool condition)
{
    if (!condition) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace std::chrono_literals;
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto duration = dcm::parse_duration(text)) {
        require(*duration >= 0ms && *duration <= 24h * 3650);
        require(!dcm::human_duration(*duration).empty());
        require(dcm::parse_duration(std::to_string(duration->count()) + "ms") == duration);
        require(dcm::parse_period(text).has_value() == (*duration >= 100ms));
    } else {
        require(!dcm::parse_period(text));
    }
    if (const auto bytes = dcm::parse_size(text)) {
        require(dcm::parse_size(std::to_string(*bytes)) == bytes);
        require(!dcm::human_size(*bytes).empty());
    }
    if (const auto number = dcm::parse_unsigned(text, 3, 300)) {
        require(*number >= 3 && *number <= 300);
    }
    if (const auto user = dcm::sys::parse_credentials(text)) {
        const auto again = dcm::sys::parse_credentials(std::to_string(user->uid) + ":" + std::to_string(user->gid));
        require(again && again->uid == user->uid && again->gid == user->gid);
    }
    for (const char c : dcm::printable(text)) {
        require(static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
    }
    return 0;
}
