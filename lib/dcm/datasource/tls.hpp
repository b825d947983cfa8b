// SPDX-License-Identifier: Apache-2.0
#pragma once

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

std::optional<TlsMode> parse_tls_mode(std::string_view text);
std::string_view to_string(TlsMode mode);

// Whether the server's certificate is checked in `mode`.
constexpr bool verifies(TlsMode mode) { return mode == TlsMode::verify_ca || mode == TlsMode::verify_identity; }

// Of the texts of MYSQL_TLS_MODE and MYSQL_TLS_CA. Throws Error(config) for a mode nobody knows, and for a CA that
// would not be looked at: without a mode, or with one that checks no certificate. Whether the file is there is not
// looked at.
Tls make_tls(const std::optional<std::string>& mode, const std::optional<std::string>& ca);

// MYSQL_TLS_MODE and MYSQL_TLS_CA. Throws what `make_tls` throws.
Tls tls_from_environment();

// What JDBC URL `parameters` make Connector/J 5 do: `mode` is unset when they ask for no TLS, and never
// verify_identity, which that driver cannot.
Tls tls_of_jdbc(std::string_view parameters);

// JDBC URL `parameters` that ask Connector/J 5.1 for `tls`; `trust_store` is the Java key store that holds its CA.
// Unset: `parameters` as they are. A trust store and TLS versions that the site chose stay, as far as they matter.
// Throws Error(config) when the path `trust_store` cannot stand in a URL.
std::string with_tls(std::string_view parameters, const Tls& tls, const std::string& trust_store);

}  // namespace dcm::datasource
