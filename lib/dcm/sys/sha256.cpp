// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/sha256.hpp>

#include <nettle/sha2.h>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

namespace dcm::sys {

namespace {

std::string hex_digest(sha256_ctx& context)
{
    std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
    sha256_digest(&context, digest.size(), digest.data());
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const unsigned byte : digest) {
        hex += digits[byte >> 4U];
        hex += digits[byte & 15U];
    }
    return hex;
}

// nettle takes bytes, POSIX gives characters.
const std::uint8_t* bytes(const char* data) { return reinterpret_cast<const std::uint8_t*>(data); }

}  // namespace

std::string sha256(std::string_view data)
{
    sha256_ctx context{};
    sha256_init(&context);
    sha256_update(&context, data.size(), bytes(data.data()));
    return hex_digest(context);
}

std::string sha256_of_file(int fd, const std::string& path)
{
    sha256_ctx context{};
    sha256_init(&context);
    std::vector<char> buffer(128UL * 1024);
    for (;;) {
        const auto got = ::read(fd, buffer.data(), buffer.size());
        if (got == 0) {
            return hex_digest(context);
        }
        if (got < 0 && errno != EINTR) {
            throw system_error("cannot read " + quoted(path), errno);
        }
        sha256_update(&context, got > 0 ? static_cast<std::size_t>(got) : 0, bytes(buffer.data()));
    }
}

}  // namespace dcm::sys
