// SPDX-License-Identifier: Apache-2.0
#include <dcm/datasource/xml_text.hpp>

namespace dcm::datasource {

std::string escape_xml(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        switch (c) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':  // for the sake of "]]>"
            result += "&gt;";
            break;
        default:
            result += c;
        }
    }
    return result;
}

std::string with_references(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        if (first < 0x80) {
            result += text[i++];
            continue;
        }
        const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        unsigned code = first & (0xffU >> (length + 1));
        for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
            code = code << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
        }
        result += "&#" + std::to_string(code) + ";";
        i += length;
    }
    return result;
}

}  // namespace dcm::datasource
