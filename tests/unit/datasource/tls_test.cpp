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

TEST(Tls, AsTheDriverWantsIt)
{
    const auto url = [](const std::string& parameters, TlsMode mode, const std::string& ca = "") {
        return with_tls(parameters, {mode, ca}, "/opt/ca.jks");
    };
    EXPECT_EQ(with_tls("useSSL=true", {}, "/opt/ca.jks"), "useSSL=true") << "unset: as it is";
    EXPECT_EQ(url("", TlsMode::disabled), "useSSL=false");
    EXPECT_EQ(url("a=b", TlsMode::preferred),
              "a=b&useSSL=true&requireSSL=false&verifyServerCertificate=false&enabledTLSProtocols=TLSv1.2");
    EXPECT_EQ(url("", TlsMode::required),
              "useSSL=true&requireSSL=true&verifyServerCertificate=false&enabledTLSProtocols=TLSv1.2");
    const std::string verified = "useSSL=true&requireSSL=true&verifyServerCertificate=true&enabledTLSProtocols=TLSv1.2";
    EXPECT_EQ(url("", TlsMode::verify_ca), verified);
    EXPECT_EQ(url("", TlsMode::verify_identity, "/ca.pem"), verified + "&trustCertificateKeyStoreUrl=file:/opt/ca.jks");
    for (const auto mode : {TlsMode::disabled, TlsMode::preferred, TlsMode::required, TlsMode::verify_ca}) {
        EXPECT_EQ(url(url("a=b", mode), mode), url("a=b", mode)) << "twice is once";
    }
    const std::string own = "enabledTLSProtocols=TLSv1.3&trustCertificateKeyStoreUrl=file:/own&"
                            "trustCertificateKeyStorePassword=x";
    EXPECT_EQ(url(own, TlsMode::verify_ca), own + "&useSSL=true&requireSSL=true&verifyServerCertificate=true");
    EXPECT_EQ(url(own, TlsMode::required), "enabledTLSProtocols=TLSv1.3&useSSL=true&requireSSL=true&"
                                           "verifyServerCertificate=false")
        << "a trust store that is opened for nothing can only fail";
    EXPECT_EQ(url(own, TlsMode::disabled), "useSSL=false");
    EXPECT_THROW(with_tls("", {TlsMode::verify_ca, "/ca.pem"}, "/a&b"), dcm::Error);
}

TEST(Tls, WhatParametersMakeTheDriverDo)
{
    for (const auto mode : {TlsMode::preferred, TlsMode::required, TlsMode::verify_ca}) {
        EXPECT_EQ(tls_of_jdbc(with_tls("", {mode, ""}, "")).mode, mode);
    }
    EXPECT_EQ(tls_of_jdbc("").mode, std::nullopt);
    EXPECT_EQ(tls_of_jdbc("useSSL=false&requireSSL=true").mode, std::nullopt);
    EXPECT_EQ(tls_of_jdbc("useSSL=true&requireSSL=true").mode, TlsMode::verify_ca) << "verifies by default";
}

}  // namespace
