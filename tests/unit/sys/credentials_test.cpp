// SPDX-License-Identifier: Apache-2.0
#include <dcm/sys/process.hpp>

#include <gtest/gtest.h>

namespace {

using dcm::sys::parse_credentials;

TEST(Credentials, UserAndGroupInDigits)
{
    const auto user = [](const char* text) {
        const auto parsed = parse_credentials(text);
        return parsed ? std::to_string(parsed->uid) + ":" + std::to_string(parsed->gid) : "none";
    };
    EXPECT_EQ(user("1000"), "1000:1000");
    EXPECT_EQ(user("1026:100"), "1026:100");
    EXPECT_EQ(user("0:0"), "0:0");
    for (const char* bad : {"", ":", "1000:", ":100", "dcm", "-1", "1:2:3", "4294967295", " 1", "1.5"}) {
        EXPECT_EQ(user(bad), "none") << bad;
    }
}

}  // namespace
