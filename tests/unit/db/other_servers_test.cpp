// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/other_servers.hpp>

#include <gtest/gtest.h>

#include "fake_session.hpp"

namespace {

using dcm::db::other_servers;
using Addresses = std::vector<std::string>;

TEST(OtherServers, WhoHoldsTwoConnectionsByThisLoginToThisDatabase)
{
    FakeSession session;
    session.answers["SELECT CONNECTION_ID()"].rows = {{"7", "pacs", "pacsdb"}};
    session.answers["SHOW PROCESSLIST"].rows = {
        {"7", "pacs", "10.0.0.1:40000", "pacsdb"},   {"8", "pacs", "10.0.0.1:40001", "pacsdb"},
        {"9", "pacs", "10.0.0.1:40002", "pacsdb"},   {"10", "pacs", "10.0.0.2:40000", "pacsdb"},
        {"11", "pacs", "fd00::3:40000", "pacsdb"},   {"12", "pacs", "fd00::3:40001", "pacsdb"},
        {"13", "pacs", "10.0.0.4:40000", "other"},   {"14", "pacs", "10.0.0.4:40001", "other"},
        {"15", "report", "10.0.0.5:4000", "pacsdb"}, {"16", "report", "10.0.0.5:4001", "pacsdb"},
    };
    EXPECT_EQ(other_servers(session), Addresses{"fd00::3"});
}

TEST(OtherServers, NoneWhenTheServerDoesNotSay)
{
    FakeSession session;
    EXPECT_EQ(other_servers(session), Addresses{});
    session.answers["SHOW PROCESSLIST"].rows = {{"8", "pacs", "10.0.0.2:1", "pacsdb"},
                                                {"9", "pacs", "10.0.0.2:2", "pacsdb"}};
    EXPECT_EQ(other_servers(session), Addresses{}) << "who we are is not known";
    session.answers["SELECT CONNECTION_ID()"].rows = {{"7", "pacs", "pacsdb"}};
    session.answers["SHOW PROCESSLIST"].rows = {{"8"}, {"9"}};
    EXPECT_EQ(other_servers(session), Addresses{});
}

}  // namespace
