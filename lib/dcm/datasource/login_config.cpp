// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/core/xml_scan.hpp>
#include <dcm/datasource/login_config.hpp>

#include <nettle/blowfish.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace dcm::datasource {

namespace {

constexpr const char* k_clear = "org.jboss.resource.security.ConfiguredIdentityLoginModule";
constexpr const char* k_secure = "org.jboss.resource.security.SecureIdentityLoginModule";

// The values of an element's attributes stand a line each.
bool has_attribute(const XmlElement& element, std::string_view value)
{
    const auto values = split(element.attributes, '\n');
    return std::find(values.begin(), values.end(), value) != values.end();
}

std::optional<std::vector<std::uint8_t>> bytes_of(std::string_view digits)
{
    constexpr std::size_t most = 4096;
    std::vector<std::uint8_t> bytes;
    for (std::size_t at = 0; at < digits.size() && digits.size() <= most; at += 2) {
        std::uint8_t byte = 0;
        const char* const end = digits.data() + at + 2;
        if (std::from_chars(digits.data() + at, end, byte, 16).ptr != end) {
            return std::nullopt;
        }
        bytes.push_back(byte);
    }
    return bytes.empty() ? std::nullopt : std::optional(bytes);
}

// The options of the first module of the domain that begins at `at`, when that is one that is understood here.
std::optional<DomainLogin> login_of(const std::vector<XmlElement>& all, std::size_t at)
{
    std::string_view module;
    std::map<std::string, std::string> options;
    for (std::size_t i = at + 1; i < all.size() && all[i].depth > all[at].depth; ++i) {
        if (all[i].name == "login-module") {
            if (!module.empty()) {
                break;
            }
            module = has_attribute(all[i], k_clear) ? k_clear : has_attribute(all[i], k_secure) ? k_secure : "";
            if (module.empty()) {
                return std::nullopt;
            }
        } else if (all[i].name == "module-option") {
            options[std::string(all[i].attributes.substr(0, all[i].attributes.find('\n')))] = trim(all[i].text);
        }
    }
    const auto user = options.find(module == k_clear ? "userName" : "username");
    if (module.empty() || user == options.end()) {
        return std::nullopt;
    }
    const auto password = module == k_clear ? options["password"] : decode_password(options["password"]);
    return password ? std::optional(DomainLogin{user->second, *password}) : std::nullopt;
}

}  // namespace

std::optional<std::string> decode_password(const std::string& number)
{
    // Java's BigInteger writes the two's complement of the encrypted bytes, without zeros in front.
    const bool negative = starts_with(number, "-");
    std::string digits = number.substr(negative ? 1 : 0);
    constexpr std::size_t of_a_block = 2 * BLOWFISH_BLOCK_SIZE;
    digits.insert(0, (of_a_block - digits.size() % of_a_block) % of_a_block, '0');
    auto bytes = bytes_of(digits);
    if (!bytes) {
        return std::nullopt;
    }
    bool carry = negative;
    for (auto byte = bytes->rbegin(); negative && byte != bytes->rend(); ++byte) {
        *byte = static_cast<std::uint8_t>(~*byte + (carry ? 1 : 0));
        carry = carry && *byte == 0;
    }
    constexpr std::string_view key = "jaas is the way";
    blowfish_ctx context{};
    blowfish_set_key(&context, key.size(), reinterpret_cast<const std::uint8_t*>(key.data()));
    std::string text(bytes->size(), '\0');
    blowfish_decrypt(&context, bytes->size(), reinterpret_cast<std::uint8_t*>(text.data()), bytes->data());
    const auto padding = static_cast<unsigned char>(text.back());
    if (padding < 1 || padding > BLOWFISH_BLOCK_SIZE ||
        text.find_last_not_of(text.back()) + 1 > text.size() - padding) {
        return std::nullopt;
    }
    text.resize(text.size() - padding);
    return text;
}

std::optional<DomainLogin> read_login_config(const std::string& text, const std::string& origin,
                                             const std::string& name)
{
    const auto elements = scan_xml(text, origin).elements;
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (elements[i].name == "application-policy" && has_attribute(elements[i], name)) {
            return login_of(elements, i);
        }
    }
    return std::nullopt;
}

}  // namespace dcm::datasource
