// SPDX-License-Identifier: Apache-2.0
// While root upgrades a volume and takes it back, the server's user swaps a directory there for a link to one outside,
// as fast as he can.
#include <dcm/core/error.hpp>
#include <dcm/volume/seed.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include <temp_dir.hpp>

// Everything here is in memory, and what is tried is not what a disk keeps.
#pragma GCC visibility push(default)
extern "C" int fsync(int /*fd*/) { return 0; }
extern "C" int syncfs(int /*fd*/) noexcept { return 0; }
#pragma GCC visibility pop

namespace {

namespace fs = std::filesystem;
namespace volume = dcm::volume;

const bool k_in_memory = access("/dev/shm", W_OK) == 0 && setenv("TMPDIR", "/dev/shm", 1) == 0;

void make_image(const TempDir& dir, const std::string& name, std::uint64_t time)
{
    for (const std::string file : {"conf/a", "conf/b", "conf/sub/c", "lib/x"}) {
        dir.write(name + "/" + file, name + file);
    }
    dir.write(name + "/conf/only-" + name, name);
    volume::Marker identity;
    identity.product = "p";
    identity.version = "1";
    identity.time = time;
    volume::make_manifest(dir.path(name), identity);
}

std::string outside(const TempDir& dir)
{
    std::string all;
    for (const auto& item : fs::recursive_directory_iterator(dir.path("outside"))) {
        struct stat status {};
        lstat(item.path().c_str(), &status);
        all += item.path().string() + " " + std::to_string(status.st_mode) + " " + std::to_string(status.st_uid) + " " +
               std::to_string(status.st_mtim.tv_nsec) + "\n";
    }
    return all;
}

TEST(Volume, IsNoWayOutWhateverIsSwapped)
{
    const TempDir dir;
    make_image(dir, "old", 1);
    make_image(dir, "new", 2);
    for (const std::string file : {"a", "b", "sub/c", "only-old", "secret"}) {
        dir.write("outside/" + file, "of root");
    }
    const auto before = outside(dir);
    const std::string target = dir.path("volume");
    const dcm::Notify silent = [](const dcm::Notice&) {};
    volume::SeedSettings settings{dir.path("old"), target};
    settings.on_upgrade = volume::OnUpgrade::merge;
    volume::seed(settings, silent);
    fs::create_directory_symlink(dir.path("outside"), target + "/other");

    std::atomic<bool> done{false};
    std::atomic<unsigned> swaps{0};
    std::thread intruder([&] {
        while (!done) {
            renameat2(AT_FDCWD, (target + "/conf").c_str(), AT_FDCWD, (target + "/other").c_str(), RENAME_EXCHANGE);
            ++swaps;
            usleep(static_cast<useconds_t>(swaps % 64));  // at every distance, and without holding up the whole kernel
        }
    });
    unsigned upgrades = 0;
    constexpr unsigned rounds = 2000;
    for (unsigned round = 0; round < rounds; ++round) {
        try {
            settings.source = dir.path("new");
            volume::seed(settings, silent);
            volume::verify(settings);
            volume::rollback(settings, silent);
            ++upgrades;
        } catch (const dcm::Error&) {  // what he swaps away may be missed: said, and nothing else
        }
    }
    done = true;
    intruder.join();
    EXPECT_EQ(outside(dir), before);
    EXPECT_GT(upgrades, rounds / 10);
    EXPECT_GT(swaps, rounds);
    EXPECT_TRUE(fs::exists(target + "/.dcm/marker"));
}

}  // namespace
