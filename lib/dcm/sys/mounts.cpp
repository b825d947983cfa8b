// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/mounts.hpp>

#include <algorithm>

namespace dcm::sys {

namespace {

// The kernel writes blank, tab, newline and backslash as \ooo.
std::string decode_octal(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escaped =
            text[i] == '\\' && i + 3 < text.size() &&
            std::all_of(text.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                        text.begin() + static_cast<std::ptrdiff_t>(i) + 4, [](char c) { return c >= '0' && c <= '7'; });
        if (escaped) {
            result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            result += text[i];
        }
    }
    return result;
}

}  // namespace

std::vector<std::string> mounts_below(const std::string& root, const std::string& mountinfo)
{
    constexpr std::size_t mount_point_field = 4;
    const std::string prefix = root == "/" ? root : root + "/";
    std::vector<std::string> result;
    for (const auto line : split(mountinfo, '\n')) {
        const auto fields = split(line, ' ');
        if (fields.size() <= mount_point_field) {
            continue;
        }
        const std::string point = decode_octal(fields[mount_point_field]);
        if (point.size() > prefix.size() && starts_with(point, prefix)) {
            result.push_back(point.substr(prefix.size()));
        }
    }
    return result;
}

std::vector<std::string> mounts_below(const std::string& root)
{
    return mounts_below(root, read_file("/proc/self/mountinfo").value_or(""));
}

}  // namespace dcm::sys
