// SPDX-License-Identifier: Apache-2.0
// Whatever somebody lays below a directory, and however fast he swaps it: nothing outside is read, made or removed.
#include <dcm/core/error.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/beneath.hpp>
#include <dcm/sys/file.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <linux/fs.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include <temp_dir.hpp>

namespace {

namespace fs = std::filesystem;
using dcm::sys::Beneath;

class BeneathTest : public ::testing::Test {
protected:
    BeneathTest()
    {
        dir.write("tree/a/b/file", "inside");
        dir.write("outside/b/file", "secret");
        fs::create_directory_symlink(dir.path("outside"), dir.path("tree/absolute"));
        fs::create_directory_symlink("../outside", dir.path("tree/relative"));
        fs::create_directory_symlink("a", dir.path("tree/within"));
        fs::create_symlink("../../../outside/b/file", dir.path("tree/a/b/last"));
    }

    std::string content_outside() const
    {
        std::string all;
        for (const auto& item : fs::recursive_directory_iterator(dir.path("outside"))) {
            all += item.path().string().substr(dir.path().size()) + " ";
        }
        return all + dir.read("outside/b/file");
    }

    TempDir dir;
    Beneath tree{(fs::create_directories(dir.path("tree")), dir.path("tree"))};
};

TEST_F(BeneathTest, FollowsNoLinkInAnyPart)
{
    EXPECT_EQ(tree.read("a/b/file", 100), "inside");
    const auto before = content_outside();
    for (const std::string way : {"absolute/b", "relative/b", "within/b"}) {
        const std::string path = way + "/file";
        EXPECT_FALSE(tree.open(path, O_RDONLY)) << path;
        EXPECT_TRUE(errno == ELOOP || errno == ENOTDIR) << path << errno;
        EXPECT_FALSE(tree.open(way + "/new", O_WRONLY | O_CREAT | O_EXCL)) << path;
        EXPECT_FALSE(tree.look(path)) << path;
        EXPECT_FALSE(tree.remove(path)) << path;
        EXPECT_FALSE(tree.chmod(path, 0)) << path;
        EXPECT_FALSE(tree.chown(path, 1, 1)) << path;
        EXPECT_FALSE(tree.rename("a/b/file", path)) << path;
        EXPECT_FALSE(tree.symbolic_link("x", way + "/new")) << path;
        EXPECT_FALSE(tree.make_directory(way + "/new", 0700)) << path;
        EXPECT_FALSE(tree.names(way)) << path;
        EXPECT_FALSE(tree.enter(way)) << path;
    }
    EXPECT_FALSE(tree.open("a/b/last", O_RDONLY));
    EXPECT_EQ(errno, ELOOP);
    EXPECT_FALSE(tree.chmod("a/b/last", 0));
    EXPECT_THROW(tree.read("a/b/last", 100), dcm::Error);
    EXPECT_EQ(tree.read_link("a/b/last"), "../../../outside/b/file");
    EXPECT_TRUE(S_ISLNK(tree.look("a/b/last")->st_mode));
    EXPECT_EQ(content_outside(), before);
    EXPECT_EQ(tree.read("a/b/file", 100), "inside");
}

TEST_F(BeneathTest, LeavesByNoPath)
{
    for (const std::string path : {"..", "../outside", "a/../../outside", "/etc", "a//b", "a/./b", "", "a/", "a/.."}) {
        EXPECT_FALSE(tree.open(path, O_RDONLY)) << path;
        EXPECT_EQ(errno, EXDEV) << path;
        EXPECT_FALSE(tree.make_directory(path, 0700)) << path;
        EXPECT_FALSE(tree.enter(path, Beneath::Links::of_root)) << path;
    }
    EXPECT_TRUE(tree.open(".", O_RDONLY));
}

TEST_F(BeneathTest, IsTheSameWithoutOpenat2)
{
    using dcm::sys::open_part_by_part;
    EXPECT_TRUE(open_part_by_part(tree.fd(), "a/b/file", O_RDONLY, 0));
    for (const std::string path : {"absolute/b/file", "relative/b/file", "within/b/file", "a/b/last"}) {
        EXPECT_FALSE(open_part_by_part(tree.fd(), path, O_RDONLY, 0)) << path;
        EXPECT_TRUE(errno == ELOOP || errno == ENOTDIR) << path;
    }
}

TEST_F(BeneathTest, ReadsRegularFilesUpToALimit)
{
    ASSERT_EQ(mkfifo(dir.path("tree/fifo").c_str(), 0600), 0);
    EXPECT_THROW(tree.read("fifo", 100), dcm::Error);
    EXPECT_THROW(tree.read("a", 100), dcm::Error);
    EXPECT_THROW(tree.read("a/b/file", 5), dcm::Error);
    EXPECT_EQ(tree.read("nothing", 100), std::nullopt);
    dir.write("tree/sparse", "");
    fs::resize_file(dir.path("tree/sparse"), 3ULL << 30U);
    EXPECT_THROW(tree.read("sparse", 4096), dcm::Error);
}

TEST_F(BeneathTest, RemovesALinkAndNotWhatItLeadsTo)
{
    const auto before = content_outside();
    fs::create_directories(dir.path("tree/gone/deep"));
    fs::create_directory_symlink(dir.path("outside"), dir.path("tree/gone/deep/link"));
    dir.write("tree/gone/deep/shut/file", "x");
    fs::permissions(dir.path("tree/gone/deep/shut"), fs::perms::none);
    EXPECT_TRUE(tree.remove_all("gone"));
    EXPECT_TRUE(tree.remove_all("absolute"));
    EXPECT_TRUE(tree.remove_all("nothing/here"));
    EXPECT_FALSE(fs::exists(dir.path("tree/gone")));
    EXPECT_EQ(content_outside(), before);
}

TEST_F(BeneathTest, ReplacesALinkAndNotWhatItLeadsTo)
{
    const auto before = content_outside();
    EXPECT_THROW(dcm::sys::write_file_atomically(tree, "absolute/b/file", "x"), dcm::Error);
    EXPECT_THROW(dcm::sys::write_file_atomically(tree, "a/new", "x", {}, "absolute"), dcm::Error);
    dcm::sys::write_file_atomically(tree, "a/b/last", "mine", 0600, "a");
    EXPECT_EQ(tree.read("a/b/last", 100), "mine");
    EXPECT_EQ(content_outside(), before);
}

// As an administrator lays them; a link of anybody else is not followed.
TEST_F(BeneathTest, EntersThroughLinksOfRoot)
{
    const bool is_root = geteuid() == 0;
    const auto entered = tree.enter("relative/b", Beneath::Links::of_root);
    EXPECT_EQ(entered.has_value(), is_root);
    if (!is_root) {
        return;
    }
    EXPECT_EQ(entered->read("file", 100), "secret");
    ASSERT_TRUE(tree.chown("relative", 11112, 11112));
    EXPECT_FALSE(tree.enter("relative/b", Beneath::Links::of_root));
    EXPECT_EQ(errno, ELOOP);
}

// A directory becomes a link and a directory again, as fast as it goes.
TEST_F(BeneathTest, LosesNoRace)
{
    fs::create_directories(dir.path("tree/swap"));
    fs::create_directory_symlink(dir.path("outside/b"), dir.path("tree/other"));
    const auto before = content_outside();
    std::atomic<bool> done{false};
    std::thread intruder([&] {
        while (!done) {
            renameat2(AT_FDCWD, dir.path("tree/swap").c_str(), AT_FDCWD, dir.path("tree/other").c_str(),
                      RENAME_EXCHANGE);
        }
    });
    unsigned inside = 0;
    for (unsigned round = 0; round < 5000; ++round) {
        if (tree.open("swap/new", O_WRONLY | O_CREAT, 0600)) {
            ++inside;
        }
        static_cast<void>(dcm::sys::open_part_by_part(tree.fd(), "swap/new", O_WRONLY | O_CREAT, 0600));
        tree.make_directory("swap/directory", 0700);
        tree.chmod("swap/file", 0);
        tree.remove("swap/file");
        tree.remove_all("swap/file");
    }
    done = true;
    intruder.join();
    EXPECT_GT(inside, 0U);
    EXPECT_EQ(content_outside(), before);
}

}  // namespace
