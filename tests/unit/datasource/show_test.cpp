// SPDX-License-Identifier: Apache-2.0
#include <dcm/datasource/diff.hpp>
#include <dcm/datasource/redact.hpp>
#include <dcm/datasource/trust_store.hpp>

#include <random>

#include "sample.hpp"

namespace {

using namespace dcm::datasource;

std::string diff(const std::string& before, const std::string& after)
{
    return unified_diff({before, before}, {after, after}, "f");
}

TEST(Diff, HunksAndContext)
{
    EXPECT_EQ(diff("a\nb\n", "a\nb\n"), "");
    EXPECT_EQ(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n"),
              "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
    EXPECT_EQ(diff("a\n", "n\na\n"), "--- f\n+++ f\n@@ -1,1 +1,2 @@\n+n\n a\n");
    EXPECT_EQ(diff("", "n\n"), "--- f\n+++ f\n@@ -0,0 +1,1 @@\n+n\n");
    EXPECT_EQ(diff("a\r\nb\x1b\r\n", "a\r\nc\r\n"), "--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\\x1b\n+c\n");
    const std::string far = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
    EXPECT_EQ(diff(far, replaced(replaced(far, "2\n", "x\n"), "11\n", "y\n")),
              "--- f\n+++ f\n@@ -1,5 +1,5 @@\n 1\n-2\n+x\n 3\n 4\n 5\n@@ -8,5 +8,5 @@\n 8\n 9\n 10\n-11\n+y\n 12\n");
}

// What the lines of a diff say, applied to the old text, gives the new one.
TEST(Diff, LeadsFromOldToNew)
{
    std::mt19937 random(7);
    const auto text = [&] {
        std::string lines;
        for (auto n = random() % 12; n > 0; --n) {
            lines += std::string(1, static_cast<char>('a' + random() % 4)) + "\n";
        }
        return lines;
    };
    for (int round = 0; round < 2000; ++round) {
        const std::string before = text();
        const std::string after = text();
        std::string old_side;
        std::string new_side;
        const std::string shown = diff(before, after);
        for (std::size_t at = 0; at < shown.size(); at = shown.find('\n', at) + 1) {
            const std::string line = shown.substr(at + 1, shown.find('\n', at) - at);
            if (shown.compare(at, 3, "---") == 0 || shown.compare(at, 3, "+++") == 0 || shown[at] == '@') {
                continue;
            }
            old_side += shown[at] == '+' ? "" : line;
            new_side += shown[at] == '-' ? "" : line;
        }
        if (before == after) {
            ASSERT_EQ(shown, "");
        } else if (shown.find("@@ ", shown.find("@@ -") + 20) == std::string::npos) {  // one hunk: all but far context
            ASSERT_NE(before.find(old_side), std::string::npos) << shown;
            ASSERT_NE(after.find(new_side), std::string::npos) << shown;
        }
    }
}

TEST(Redact, WhateverMayBeASecret)
{
    const std::vector<std::pair<std::string, std::string>> table{
        {"<password>x</password>", "<password>***</password>"},
        {"<password></password><password/>y", "<password></password><password/>y"},
        {"<!-- <password>x</password> -->", "<!-- <password>***</password> -->"},
        {"<password a='b'><![CDATA[</x>]]>y</password>", "<password a='b'>***</password>"},
        {"<password>a\r\nb\n</password>", "<password>***\r\n***\n</password>"},
        {"<connection-property name=\"password\">x</connection-property>",
         "<connection-property name=\"password\">***</connection-property>"},
        {"?useSSL=true&amp;trustCertificateKeyStorePassword=x&amp;a=b<",
         "?useSSL=true&amp;trustCertificateKeyStorePassword=***&amp;a=b<"},
        {"<!-- the password: hunter2 -->", "<!-- the password: *** -->"},
        {"passwd = 'a b' c", "passwd = '***' c"},
        {"<!DOCTYPE d [<!ENTITY p 'x'>]>", "<!DOCTYPE d [<!ENTITY p '***'>]>"},
        {"<password>open to the end\n</passwor>", "<password>***\n***"},
        {"<user-name>password</user-name>", "<user-name>password</user-name>"},
    };
    for (const auto& [text, shown] : table) {
        EXPECT_EQ(redact(text, {}), shown) << text;
    }
    EXPECT_EQ(redact("it is s&cret, s&amp;cret, pacs", {"s&cret", "pacs"}), "it is ***, ***, pacs");
}

TEST(Redact, NoPasswordIsShownWhereverItStands)
{
    Settings settings;
    settings.password = "n&w-secret";
    const auto before = replaced(replaced(k_file, "<password>pacs<", "<password>o&amp;d-secret<"), "<metadata>",
                                 "<!-- was o&d-secret, will be n&w-secret --><metadata>");
    const Plan plan{before, applied(before, settings), {}};
    const auto shown = show(plan, Files{"s", "f", "t"});
    EXPECT_NE(shown.find("-    <password>***</password>\n+    <password>***</password>\n"), std::string::npos) << shown;
    for (const char* secret : {"secret", "not me", "n&amp;w", "o&amp;d"}) {
        EXPECT_EQ(shown.find(secret), std::string::npos) << secret << '\n' << shown;
    }
}

TEST(TrustStore, IsAJavaKeyStoreOfEveryCertificate)
{
    // Two "certificates" of a few bytes: 30 02 05 00 and 30 00.
    const std::string pem = "text before\n-----BEGIN CERTIFICATE-----\r\nMAIF\r\nAA==\r\n-----END CERTIFICATE-----\n"
                            "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    const std::string store = to_trust_store(pem, "ca.pem");
    EXPECT_EQ(store.substr(0, 12), std::string("\xfe\xed\xfe\xed\0\0\0\2\0\0\0\2", 12));
    EXPECT_EQ(store.substr(12, 33),
              std::string("\0\0\0\2\0\15database-ca-1\0\0\0\0\0\0\0\0\0\5X.509", 34).substr(0, 33));
    EXPECT_NE(store.find(std::string("\0\0\0\4\x30\2\5\0", 8)), std::string::npos);
    EXPECT_NE(store.find(std::string("\0\0\0\2\x30\0", 6)), std::string::npos);
    EXPECT_EQ(to_trust_store(pem, "ca.pem"), store);
    const auto refusal = [](const std::string& text) { return failure_of([&] { to_trust_store(text, "ca.pem"); }); };
    EXPECT_EQ(refusal("MIIC"),
              "65 MYSQL_TLS_CA: 'ca.pem' holds no certificate in PEM form (BEGIN CERTIFICATE); give the "
              "file that the database server has as its ssl_ca");
    for (const char* bad :
         {"-----BEGIN CERTIFICATE-----\nMAA=", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----",
          "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
          "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"}) {
        EXPECT_EQ(refusal(bad),
                  "65 MYSQL_TLS_CA: 'ca.pem' holds a damaged certificate; copy it from the database server again")
            << bad;
    }
}

}  // namespace
