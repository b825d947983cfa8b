// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/export.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dcm::datasource {

// How much of TLS a connection to the database must have; the words are those of MySQL's own clients.
enum class TlsMode {
    disabled,
    preferred,        // encrypted when the server can, clear text otherwise
    required,         // encrypted, whoever the server is
    verify_ca,        // encrypted, the certificate signed by the CA
    verify_identity,  // the same, and made out for the name that was connected to
};

// What the site asks for. `mode` unset: nothing, what stands in the datasource file counts.
struct Tls {
    std::optional<TlsMode> mode;
    std::string ca;  // PEM file of the certificate authority; empty: those that the system trusts
};

DCM_API std::optional<TlsMode> parse_tls_mode(std::string_view text);
DCM_API std::string_view to_string(TlsMode mode);

// Whether the server's certificate is checked in `mode`.
constexpr bool verifies(TlsMode mode) { return mode == TlsMode::verify_ca || mode == TlsMode::verify_identity; }

// MYSQL_TLS_MODE and MYSQL_TLS_CA. Throws Error(config) for a mode nobody knows, and for a CA that would not be looked
// at: without a mode, or with one that checks no certificate. Whether the file is there is not looked at.
DCM_API Tls tls_from_environment();

}  // namespace dcm::datasource
