// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/beneath.hpp>
#include <dcm/volume/escape.hpp>

#include <array>
#include <charconv>
#include <cstdio>

namespace dcm::volume {

std::string escape(std::string_view name)
{
    std::string text;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7f || c == '%') {
            std::array<char, 4> code{};
            static_cast<void>(std::snprintf(code.data(), code.size(), "%%%02X", byte));
            text += code.data();
        } else {
            text += c;
        }
    }
    return text;
}

std::optional<std::string> unescape(std::string_view text)
{
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            name += text[i];
            continue;
        }
        unsigned byte = 0;
        const char* const digits = text.data() + i + 1;
        if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2 || byte == 0) {
            return std::nullopt;
        }
        name += static_cast<char>(byte);
        i += 2;
    }
    return name;
}

bool is_inside(const std::string& path) { return path != "." && sys::is_beneath(path) && !is_in(path, ".dcm"); }

bool is_in(std::string_view path, std::string_view directory)
{
    return starts_with(path, directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

}  // namespace dcm::volume
