// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/secret.hpp>
#include <dcm/core/text.hpp>

#include <algorithm>
#include <string>

namespace dcm {

namespace {

// scheme://user:password@host
bool has_url_password(std::string_view value)
{
    for (auto at = value.find("://"); at != std::string_view::npos; at = value.find("://", at + 1)) {
        const auto authority = value.substr(at + 3, value.find_first_of("/ \t", at + 3) - at - 3);
        const auto user = authority.substr(0, authority.rfind('@'));
        if (user.size() < authority.size() && user.find(':') != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool is_secret(std::string_view entry)
{
    const std::string text = lower(entry);
    const auto equals = std::min(text.find('='), text.size());
    const std::string name = text.substr(0, equals);
    const std::string_view value = std::string_view(text).substr(std::min(equals + 1, text.size()));
    if (!ends_with(name, "_file")) {
        for (const char* word : {"password", "passwd", "passphrase", "secret", "token", "credential", "private"}) {
            if (name.find(word) != std::string::npos) {
                return true;
            }
        }
        for (const char* end : {"key", "pass", "_pw", "_pwd"}) {
            if (ends_with(name, end)) {
                return true;
            }
        }
    }
    for (const char* part : {"password=", "passwd=", "secret=", "token=", "private key-----"}) {
        if (value.find(part) != std::string_view::npos) {
            return true;
        }
    }
    return has_url_password(value);
}

}  // namespace dcm
