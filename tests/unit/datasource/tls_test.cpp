// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/datasource/tls.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

namespace {

using namespace dcm::datasource;

void set(const char* mode, const char* ca)
{
    setenv("MYSQL_TLS_MODE", mode, 1);
    setenv("MYSQL_TLS_CA", ca, 1);
}

TEST(Tls, ModesAreWordsOfMysql)
{
    for (const auto mode :
         {TlsMode::disabled, TlsMode::preferred, TlsMode::required, TlsMode::verify_ca, TlsMode::verify_identity}) {
        EXPECT_EQ(parse_tls_mode(to_string(mode)), mode);
    }
    for (const char* bad : {"", "REQUIRED", "on", "verify_ca", "required "}) {
        EXPECT_EQ(parse_tls_mode(bad), std::nullopt) << bad;
    }
}

TEST(Tls, ReadFromTheEnvironment)
{
    set("", "");
    EXPECT_EQ(tls_from_environment().mode, std::nullopt);
    set("verify-ca", "/ca.pem");
    EXPECT_EQ(tls_from_environment().mode, TlsMode::verify_ca);
    EXPECT_EQ(tls_from_environment().ca, "/ca.pem");
    set("verify-identity", "");
    EXPECT_EQ(tls_from_environment().ca, "");
    set("required", "");
    EXPECT_EQ(tls_from_environment().mode, TlsMode::required);
}

TEST(Tls, ContradictionsAreRefused)
{
    for (const char* mode : {"", "disabled", "preferred", "required", "ssl"}) {
        set(mode, "/ca.pem");
        try {
            tls_from_environment();
            ADD_FAILURE() << mode;
        } catch (const dcm::Error& failure) {
            EXPECT_EQ(failure.code(), dcm::ExitCode::config);
        }
    }
    set("required", "/ca.pem");
    try {
        tls_from_environment();
    } catch (const dcm::Error& failure) {
        EXPECT_STREQ(failure.what(), "MYSQL_TLS_CA is set, but MYSQL_TLS_MODE is 'required', which checks no "
                                     "certificate; set MYSQL_TLS_MODE=verify-ca");
    }
}

}  // namespace
