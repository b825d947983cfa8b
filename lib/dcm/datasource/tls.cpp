// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/tls.hpp>
#include <dcm/sys/env.hpp>

#include <algorithm>
#include <array>

namespace dcm::datasource {

namespace {

constexpr std::array<std::string_view, 5> k_modes{"disabled", "preferred", "required", "verify-ca", "verify-identity"};

}  // namespace

std::optional<TlsMode> parse_tls_mode(std::string_view text)
{
    const auto* const found = std::find(k_modes.begin(), k_modes.end(), text);
    return found == k_modes.end() ? std::nullopt : std::optional(static_cast<TlsMode>(found - k_modes.begin()));
}

std::string_view to_string(TlsMode mode) { return k_modes.at(static_cast<std::size_t>(mode)); }

Tls tls_from_environment()
{
    Tls tls;
    if (const auto text = sys::env("MYSQL_TLS_MODE")) {
        tls.mode = parse_tls_mode(*text);
        if (!tls.mode) {
            throw Error(ExitCode::config,
                        "MYSQL_TLS_MODE: " + quoted(*text) +
                            " is not a mode; give disabled, preferred, required, verify-ca or verify-identity");
        }
    }
    tls.ca = sys::env("MYSQL_TLS_CA").value_or("");
    if (!tls.ca.empty() && !(tls.mode && verifies(*tls.mode))) {
        const std::string found =
            tls.mode ? "is " + quoted(to_string(*tls.mode)) + ", which checks no certificate" : "is not set";
        throw Error(ExitCode::config,
                    "MYSQL_TLS_CA is set, but MYSQL_TLS_MODE " + found + "; set MYSQL_TLS_MODE=verify-ca");
    }
    return tls;
}

}  // namespace dcm::datasource
