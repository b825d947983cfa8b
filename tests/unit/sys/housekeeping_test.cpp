// SPDX-License-Identifier: Apache-2.0
#include <dcm/sys/housekeeping.hpp>

#include <gtest/gtest.h>

namespace {

TEST(Housekeeping, IsKnownByItsWholeName)
{
    for (const char* name :
         {"lost+found", "@eaDir", "#recycle", ".snapshot", ".DS_Store", "System Volume Information", "desktop.ini"}) {
        EXPECT_TRUE(dcm::sys::is_housekeeping(name)) << name;
    }
    for (const char* name : {"", "\n", "lost+found\n", "lost+found\n.snapshot", "\n@eaDir", "lost", "snapshot", "2026",
                             "NO_MOUNT", ".dcm", "desktop.ini2"}) {
        EXPECT_FALSE(dcm::sys::is_housekeeping(name)) << name;
    }
}

}  // namespace
