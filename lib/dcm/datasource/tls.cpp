// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/jdbc_parameters.hpp>
#include <dcm/datasource/tls.hpp>
#include <dcm/sys/env.hpp>

#include <algorithm>
#include <array>

namespace dcm::datasource {

namespace {

constexpr std::array<std::string_view, 5> k_modes{"disabled", "preferred", "required", "verify-ca", "verify-identity"};

constexpr std::array<std::string_view, 3> k_only_encrypted{"requireSSL", "verifyServerCertificate",
                                                           "enabledTLSProtocols"};

constexpr std::array<std::string_view, 3> k_trust_store{"trustCertificateKeyStoreUrl", "trustCertificateKeyStoreType",
                                                        "trustCertificateKeyStorePassword"};

std::string checked_for_url(const std::string& path)
{
    if (path.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-") !=
        std::string::npos) {
        throw Error(ExitCode::config,
                    "the trust store " + quoted(path) +
                        " cannot stand in a JDBC URL; choose a DCM4CHEE_HOME of letters, digits, '/', "
                        "'.', '-' and '_'");
    }
    return path;
}

}  // namespace

std::optional<TlsMode> parse_tls_mode(std::string_view text)
{
    const auto* const found = std::find(k_modes.begin(), k_modes.end(), text);
    return found == k_modes.end() ? std::nullopt : std::optional(static_cast<TlsMode>(found - k_modes.begin()));
}

std::string_view to_string(TlsMode mode) { return k_modes.at(static_cast<std::size_t>(mode)); }

Tls make_tls(const std::optional<std::string>& mode, const std::optional<std::string>& ca)
{
    Tls tls;
    if (mode) {
        tls.mode = parse_tls_mode(*mode);
        if (!tls.mode) {
            throw Error(ExitCode::config,
                        "MYSQL_TLS_MODE: " + quoted(*mode) +
                            " is not a mode; give disabled, preferred, required, verify-ca or verify-identity");
        }
    }
    tls.ca = ca.value_or("");
    if (!tls.ca.empty() && !(tls.mode && verifies(*tls.mode))) {
        const std::string found =
            tls.mode ? "is " + quoted(to_string(*tls.mode)) + ", which checks no certificate" : "is not set";
        throw Error(ExitCode::config,
                    "MYSQL_TLS_CA is set, but MYSQL_TLS_MODE " + found + "; set MYSQL_TLS_MODE=verify-ca");
    }
    return tls;
}

Tls tls_from_environment() { return make_tls(sys::env("MYSQL_TLS_MODE"), sys::env("MYSQL_TLS_CA")); }

Tls tls_of_jdbc(std::string_view parameters)
{
    const auto is_on = [&](std::string_view name, bool by_default) {
        const auto value = jdbc_parameter(parameters, name);
        return value ? *value == "true" || *value == "yes" : by_default;
    };
    Tls tls;
    if (is_on("useSSL", false)) {
        const TlsMode mode = is_on("verifyServerCertificate", true) ? TlsMode::verify_ca : TlsMode::required;
        tls.mode = is_on("requireSSL", false) ? mode : TlsMode::preferred;
    }
    return tls;
}

std::string with_tls(std::string_view parameters, const Tls& tls, const std::string& trust_store)
{
    std::string result(parameters);
    if (!tls.mode) {
        return result;
    }
    const auto set = [&](std::string_view name, std::string_view value) {
        result = with_jdbc_parameter(result, name, value);
    };
    const bool encrypted = *tls.mode != TlsMode::disabled;
    set("useSSL", encrypted ? "true" : "false");
    if (encrypted) {
        set("requireSSL", *tls.mode == TlsMode::preferred ? "false" : "true");
        set("verifyServerCertificate", verifies(*tls.mode) ? "true" : "false");
        // 5.1.49 offers no more than TLS 1.1 to a server that calls itself 5.5.5, as MariaDB 10 does.
        if (!jdbc_parameter(result, "enabledTLSProtocols")) {
            set("enabledTLSProtocols", "TLSv1.2");
        }
    }
    for (const auto name : k_only_encrypted) {
        result = encrypted ? result : without_jdbc_parameter(result, name);
    }
    // The driver opens the trust store even when it verifies nothing.
    for (const auto name : k_trust_store) {
        result = verifies(*tls.mode) && tls.ca.empty() ? result : without_jdbc_parameter(result, name);
    }
    if (!tls.ca.empty()) {
        set(k_trust_store.front(), "file:" + checked_for_url(trust_store));
    }
    return result;
}

}  // namespace dcm::datasource
