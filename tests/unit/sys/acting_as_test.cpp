// SPDX-License-Identifier: Apache-2.0
#include <dcm/sys/acting_as.hpp>

#include <gtest/gtest.h>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <temp_dir.hpp>

using dcm::sys::ActingAs;
using dcm::sys::Credentials;

TEST(ActingAs, HasTheRightsOfThatUserAndGivesThemBack)
{
    if (geteuid() != 0) {
        GTEST_SKIP() << "needs root";
    }
    const TempDir directory;
    const auto secret = directory.write("secret", "of root");
    chmod(secret.c_str(), 0600);
    const auto group = directory.write("group", "of root's group");
    chmod(group.c_str(), 0640);
    {
        const ActingAs user(Credentials{11112, 11112});
        EXPECT_FALSE(std::ifstream(secret).is_open());
        EXPECT_FALSE(std::ifstream(group).is_open());
        EXPECT_NE(unlink(secret.c_str()), 0);
        EXPECT_EQ(geteuid(), 0U);
        EXPECT_EQ(prctl(PR_GET_DUMPABLE), 1) << "/proc/PID/fd would be closed to jobs";
    }
    EXPECT_EQ(prctl(PR_GET_DUMPABLE), 1);
    EXPECT_TRUE(std::ifstream(secret).is_open());
    const ActingAs nobody(std::nullopt);
    EXPECT_TRUE(std::ifstream(secret).is_open());
}
