// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/trust_store.hpp>
#include <dcm/sys/file.hpp>

#include <nettle/base64.h>
#include <nettle/sha1.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace dcm::datasource {

namespace {

constexpr std::string_view k_begin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view k_end = "-----END CERTIFICATE-----";

// Big-endian, `bytes` long.
void put(std::string& out, std::uint64_t number, unsigned bytes)
{
    for (unsigned shift = 8 * bytes; shift > 0; shift -= 8) {
        out += static_cast<char>(number >> (shift - 8) & 0xffU);
    }
}

void put_short(std::string& out, std::string_view text)
{
    put(out, text.size(), 2);
    out += text;
}

std::optional<std::string> decode_base64(std::string_view text)
{
    base64_decode_ctx context{};
    base64_decode_init(&context);
    std::string bytes(BASE64_DECODE_LENGTH(text.size()), '\0');
    std::size_t size = bytes.size();
    if (base64_decode_update(&context, &size, reinterpret_cast<std::uint8_t*>(bytes.data()), text.size(),
                             text.data()) == 0 ||
        base64_decode_final(&context) == 0) {
        return std::nullopt;
    }
    bytes.resize(size);
    return bytes;
}

// DER, which begins with a SEQUENCE.
std::vector<std::string> certificates_in(std::string_view pem, const std::string& origin)
{
    std::vector<std::string> found;
    for (auto at = pem.find(k_begin); at != std::string_view::npos; at = pem.find(k_begin, at)) {
        at += k_begin.size();
        const auto end = pem.find(k_end, at);
        auto der = decode_base64(pem.substr(at, end == std::string_view::npos ? 0 : end - at));
        if (!der || der->empty() || der->front() != 0x30) {
            throw Error(ExitCode::data_error,
                        "MYSQL_TLS_CA: " + quoted(origin) +
                            " holds a damaged certificate; copy it from the database server again");
        }
        found.push_back(std::move(*der));
    }
    if (found.empty()) {
        throw Error(ExitCode::data_error, "MYSQL_TLS_CA: " + quoted(origin) +
                                              " holds no certificate in PEM form (BEGIN CERTIFICATE); give the file "
                                              "that the database server has as its ssl_ca");
    }
    return found;
}

// Of the password, which is empty, and the store.
std::string integrity(std::string_view store)
{
    constexpr std::string_view salt = "Mighty Aphrodite";
    sha1_ctx context{};
    sha1_init(&context);
    for (const auto part : {salt, store}) {
        sha1_update(&context, part.size(), reinterpret_cast<const std::uint8_t*>(part.data()));
    }
    std::string digest(SHA1_DIGEST_SIZE, '\0');
    sha1_digest(&context, digest.size(), reinterpret_cast<std::uint8_t*>(digest.data()));
    return digest;
}

}  // namespace

// The format of sun.security.provider.JavaKeyStore, version 2: entries of kind 2 are trusted certificates. Their dates
// are left at zero.
std::string to_trust_store(std::string_view pem, const std::string& origin)
{
    const auto certificates = certificates_in(pem, origin);
    std::string store;
    put(store, 0xfeedfeed, 4);
    put(store, 2, 4);
    put(store, certificates.size(), 4);
    for (std::size_t i = 0; i < certificates.size(); ++i) {
        put(store, 2, 4);
        put_short(store, "database-ca-" + std::to_string(i + 1));
        put(store, 0, 8);
        put_short(store, "X.509");
        put(store, certificates[i].size(), 4);
        store += certificates[i];
    }
    return store + integrity(store);
}

std::string trust_store_of(const std::string& path)
{
    constexpr std::uint64_t max_bytes = 1U << 20U;
    const auto pem = sys::read_file(path, max_bytes);
    if (!pem) {
        throw Error(ExitCode::no_input, "cannot read " + quoted(path) +
                                            ": no such file; MYSQL_TLS_CA names it, mount the certificate there");
    }
    return to_trust_store(*pem, path);
}

}  // namespace dcm::datasource
