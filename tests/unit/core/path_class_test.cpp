// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/path_class.hpp>

#include <gtest/gtest.h>

using dcm::class_of;
using dcm::is_filled_by_server;
using dcm::PathClass;

TEST(PathClass, FollowsTheTable)
{
    EXPECT_EQ(class_of("lib/a/b.jar"), PathClass::image);
    EXPECT_EQ(class_of("deploy/dcm4chee.ear/x/y.class"), PathClass::image);
    EXPECT_EQ(class_of("deploy/pacs-mysql-ds.xml"), PathClass::config);
    EXPECT_EQ(class_of("deploy/mail-service.xml"), PathClass::config);
    EXPECT_EQ(class_of("conf/xmdesc/x.xml"), PathClass::image);
    EXPECT_EQ(class_of("conf/standardjboss.xml"), PathClass::image);
    EXPECT_EQ(class_of("conf/login-config.xml"), PathClass::config);
    EXPECT_EQ(class_of("data/xmbean-attrs/x.xml"), PathClass::state);
    EXPECT_EQ(class_of("archive/2026/x"), PathClass::state);
    EXPECT_EQ(class_of("tmp/x"), PathClass::scratch);
    EXPECT_EQ(class_of("log/server.log"), PathClass::log);
}

TEST(PathClass, TellsWhatTheServerFills)
{
    for (const auto* const filled :
         {"archive", "data", "log", "tar-extracted", "tmp", "wadocache", "wadocache2", "work"}) {
        EXPECT_TRUE(is_filled_by_server(filled)) << filled;
    }
    for (const auto* const other : {"bin", "conf", "database", "deploy", "lib", "logs", "tmp2", ".dcm"}) {
        EXPECT_FALSE(is_filled_by_server(other)) << other;
    }
}
