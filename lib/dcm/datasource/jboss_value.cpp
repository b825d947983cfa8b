// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/datasource/jboss_value.hpp>

namespace dcm::datasource {

namespace {

constexpr std::string_view k_literal_dollar = "${dcm.literal:$}";

std::string replace_all(std::string_view text, std::string_view from, std::string_view to)
{
    std::string result;
    for (;;) {
        const auto at = text.find(from);
        result.append(text.substr(0, at));
        if (at == std::string_view::npos) {
            return result;
        }
        result.append(to);
        text.remove_prefix(at + from.size());
    }
}

// Whether `code`, in a UTF-8 sequence of that length, is a character of XML 1.0 and fit for a value.
bool is_of_xml(unsigned code, std::size_t length)
{
    const bool overlong =
        (length == 2 && code < 0x80) || (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const bool forbidden = (code >= 0xd800 && code < 0xe000) || code == 0xfffe || code == 0xffff || code > 0x10ffff;
    return !overlong && !control && !forbidden;
}

}  // namespace

Character first_character(std::string_view text)
{
    const auto byte = [&](std::size_t i) -> unsigned { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    const std::size_t length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first < 0x80) {
        return {1, first};
    }
    unsigned code = first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if (i >= text.size() || (byte(i) & 0xc0U) != 0x80) {
            return {1, 0};
        }
        code = code << 6U | (byte(i) & 0x3fU);
    }
    return length == 1 || first > 0xf4 ? Character{1, 0} : Character{length, code};
}

std::string to_jboss(std::string_view value) { return replace_all(value, "${", std::string(k_literal_dollar) + "{"); }

std::string from_jboss(std::string_view text)
{
    std::string normal;
    for (const char c : trim(text)) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank) {
            normal += c;
        } else if (normal.back() != ' ') {
            normal += ' ';
        }
    }
    return replace_all(normal, k_literal_dollar, "$");
}

std::optional<std::string> why_impossible(std::string_view value)
{
    for (std::size_t i = 0; i < value.size();) {
        const auto [length, code] = first_character(value.substr(i));
        if (!is_of_xml(code, length)) {
            return "it holds a tab, line end, control character or something that is not UTF-8";
        }
        i += length;
    }
    if (!value.empty() && (value.front() == ' ' || value.back() == ' ')) {
        return "it begins or ends with a blank, and JBoss drops that";
    }
    if (value.find("  ") != std::string_view::npos) {
        return "it holds two blanks in a row, and JBoss makes one of them";
    }
    return std::nullopt;
}

}  // namespace dcm::datasource
