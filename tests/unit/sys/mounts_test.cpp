// SPDX-License-Identifier: Apache-2.0
#include <dcm/sys/mounts.hpp>
#include <dcm/sys/sha256.hpp>

#include <gmock/gmock.h>

using dcm::sys::mounts_below;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Mounts, AreThoseBelowADirectoryDecoded)
{
    const std::string table = "22 1 0:20 / / rw - overlay overlay rw\n"
                              "23 22 0:21 / /data rw - ext4 /dev/sda rw\n"
                              "24 22 0:22 / /data/archive rw - nfs nas:/a rw\n"
                              "25 22 0:23 /x /data/a\\040b\\134c rw - ext4 /dev/sda rw\n"
                              "26 22 0:24 / /database rw - ext4 /dev/sda rw\n"
                              "27 22 0:25 / /etc/localtime ro - ext4 /dev/sda rw\n"
                              "broken\n";
    EXPECT_THAT(mounts_below("/data", table), ElementsAre("archive", "a b\\c"));
    EXPECT_THAT(mounts_below("/etc", table), ElementsAre("localtime"));
    EXPECT_THAT(mounts_below("/opt", table), IsEmpty());
    EXPECT_THAT(mounts_below("/", table),
                ElementsAre("data", "data/archive", "data/a b\\c", "database", "etc/localtime"));
}

TEST(Sha256, IsTheStandards)
{
    EXPECT_EQ(dcm::sys::sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(dcm::sys::sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
