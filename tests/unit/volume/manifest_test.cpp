// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/sys/mounts.hpp>
#include <dcm/sys/sha256.hpp>
#include <dcm/volume/manifest.hpp>
#include <dcm/volume/marker.hpp>

#include <gtest/gtest.h>

#include <temp_dir.hpp>

namespace {

using namespace dcm::volume;

const std::string k_sha(64, 'a');

TEST(Manifest, SurvivesAnyName)
{
    const Manifest manifest{{Type::directory, dcm::PathClass::config, 0755, 0, "", "", "-d"},
                            {Type::file, dcm::PathClass::image, 0644, 12, k_sha, "", "a b\n%\t\x01\xff"},
                            {Type::link, dcm::PathClass::state, 0777, 0, "", "../x y", "l"}};
    const auto text = format_manifest(manifest);
    const auto again = parse_manifest(text, "m");
    ASSERT_EQ(again.size(), 3U);
    EXPECT_EQ(again[1].path, manifest[1].path);
    EXPECT_EQ(again[2].target, "../x y");
    EXPECT_EQ(format_manifest(again), text);
}

TEST(Manifest, RefusesWhatItDoesNotWrite)
{
    const std::string good = "dcm-manifest 1\nfile\timage\t0644\t1\t" + k_sha + "\t\tx\n";
    EXPECT_NO_THROW(parse_manifest(good, "m"));
    const auto with = [&](const std::string& path) {
        return "dcm-manifest 1\nfile\timage\t0644\t1\t" + k_sha + "\t\t" + path + "\n";
    };
    for (const auto& bad : {std::string(), std::string("dcm-manifest 2\n"), good.substr(0, good.size() - 1),
                            good + "junk\n", with("../x"), with("/x"), with("a//b"), with("a/../b"), with(".dcm/x"),
                            with(""), with("a%0"), with("a%00"), with("a%zz"), with("y") + with("x").substr(15),
                            std::string("dcm-manifest 1\nfile\timage\t9999\t1\t" + k_sha + "\t\tx\n"),
                            std::string("dcm-manifest 1\nlink\timage\t0777\t0\t\t\tx\n"),
                            std::string("dcm-manifest 1\nfile\timage\t0644\t-1\t" + k_sha + "\t\tx\n")}) {
        EXPECT_THROW(parse_manifest(bad, "m"), dcm::Error) << bad;
    }
}

TEST(Scan, ReadsTypesModesAndHashes)
{
    const TempDir dir;
    dir.write("conf/a", "abc");
    std::filesystem::create_symlink("a", dir.path("conf/l"));
    dir.write(".dcm/marker", "not listed");
    const auto manifest = scan(dir.path(), dcm::class_of);
    ASSERT_EQ(manifest.size(), 3U);
    EXPECT_EQ(manifest[0].path, "conf");
    EXPECT_EQ(manifest[1].sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(manifest[1].sha256, dcm::sys::sha256("abc"));
    EXPECT_EQ(manifest[2].target, "a");
}

TEST(Marker, RoundTripAndDamage)
{
    const Marker marker{"dcm4chee", "1.0.0", 1764300000, k_sha, Origin::adopted, ""};
    const auto text = format_marker(marker);
    EXPECT_EQ(parse_marker(text, "x").origin, Origin::adopted);
    EXPECT_TRUE(parse_marker(text, "x").same_content(marker));
    EXPECT_EQ(format_marker(parse_marker(text, "x")), text);
    for (const auto& bad : {std::string(), text.substr(0, 20), text + "x", std::string("dcm-volume 2\n")}) {
        EXPECT_THROW(parse_marker(bad, "x"), dcm::Error) << bad;
    }
}

TEST(Marker, OfANewerImageIsRead)
{
    const std::string text = format_marker({"dcm4chee", "9", 1, k_sha, Origin::filled, ""});
    EXPECT_EQ(parse_marker(text + "colour blue\n", "x").version, "9");
}

TEST(Marker, ComparesVersionsByValue)
{
    for (const auto& [older, newer] : std::vector<std::pair<std::string, std::string>>{
             {"1.0", "1.10"}, {"1.9", "1.10"}, {"1.0", "1.0.1"}, {"2.0", "10.0"}, {"20260101", "20261101"}}) {
        Marker a;
        Marker b;
        a.version = older;
        b.version = newer;
        EXPECT_FALSE(a.is_newer_than(b)) << older << " " << newer;
        EXPECT_TRUE(b.is_newer_than(a)) << older << " " << newer;
        EXPECT_FALSE(a.is_newer_than(a));
    }
}

TEST(Mounts, BelowOnlyAndDecoded)
{
    const std::string info = "1 0 8:1 / / rw - ext4 /dev/a rw\n"
                             "2 1 8:1 /x /v rw - ext4 /dev/a rw\n"
                             "3 1 8:1 /y /v/archive rw - ext4 /dev/a rw\n"
                             "4 1 8:1 /z /v/a\\040b/c rw - ext4 /dev/a rw\n"
                             "5 1 8:1 /z /volume rw - ext4 /dev/a rw\n";
    EXPECT_EQ(dcm::sys::mounts_below("/v", info), (std::vector<std::string>{"archive", "a b/c"}));
}

}  // namespace
