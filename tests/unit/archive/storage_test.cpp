// SPDX-License-Identifier: Apache-2.0
// The room that the archive has, and whether its database answers.
#include <dcm/archive/storage.hpp>
#include <dcm/archive/surroundings.hpp>

#include <gmock/gmock.h>

#include <temp_dir.hpp>

using namespace dcm::archive;
using dcm::sys::ExitStatus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

constexpr std::uint64_t k_mb = 1'000'000;

Storage with(std::uint64_t free, bool read_only = false)
{
    return {50 * k_mb, {"/server", 900 * k_mb, false}, {{"/full-enough", 900 * k_mb, false}, {"/a", free, read_only}}};
}

std::string attributes(const std::string& value)
{
    return "<?xml version=\"1.0\"?>\n<!DOCTYPE attribute-list>\n<attribute-list>\n<attribute name=\"Other\">"
           "1GB</attribute>\n<attribute name=\"MinimumFreeDiskSpace\" type=\"java.lang.String\"><![CDATA[" +
           value + "]]></attribute></attribute-list>\n";
}

}  // namespace

TEST(Storage, BelowTheMinimumImagesAreRefused)
{
    const auto refused = judge_rooms(with(49 * k_mb));
    ASSERT_TRUE(refused);
    EXPECT_TRUE(refused->fault);
    EXPECT_THAT(refused->text, HasSubstr("images are refused: '/a' has 49 MB free, and 50 MB are needed"));
    const auto soon = judge_rooms(with(99 * k_mb));
    ASSERT_TRUE(soon);
    EXPECT_FALSE(soon->fault);
    EXPECT_THAT(soon->text, HasSubstr("'/a' has 99 MB free; below 50 MB images are refused"));
    EXPECT_FALSE(judge_rooms(with(100 * k_mb)));
}

TEST(Storage, AReadOnlyOneRefusesLikewise)
{
    const auto refused = judge_rooms(with(900 * k_mb, true));
    ASSERT_TRUE(refused);
    EXPECT_TRUE(refused->fault);
    EXPECT_THAT(refused->text, HasSubstr("'/a' is read-only; mount it writable"));
}

TEST(Storage, AFullVolumeIsNamed)
{
    Storage storage = with(900 * k_mb);
    EXPECT_FALSE(judge_volume(storage));
    storage.volume.free = 0;
    EXPECT_THAT(judge_volume(storage)->text, HasSubstr("the volume of the configuration, '/server', is full"));
}

TEST(Condition, ComesBackAsItWent)
{
    for (const bool fault : {false, true}) {
        const auto back = parse_condition(format_condition(Condition{fault, "'/a b' is full"}));
        ASSERT_TRUE(back);
        EXPECT_EQ(back->fault, fault);
        EXPECT_EQ(back->text, "'/a b' is full");
    }
    EXPECT_EQ(format_condition(std::nullopt), "");
    EXPECT_EQ(parse_condition("fault " + std::string(9000, 'x'))->text.size(), 8191U) << "cut";
    for (const auto& bad : {std::string(), std::string("fault"), std::string("fault "), std::string("x y")}) {
        EXPECT_FALSE(parse_condition(bad)) << bad;
    }
    EXPECT_EQ(parse_condition("fault a\x1b[2J")->text, "a\\x1b[2J");
}

TEST(Storage, ASiteHasItsOwnMinimum)
{
    EXPECT_EQ(parse_free_space("50MB"), 50 * k_mb);
    EXPECT_EQ(parse_free_space("2GB"), 2000 * k_mb);
    for (const char* const bad : {"", "MB", "50", "50M", "-1MB", "5%", "50 MB"}) {
        EXPECT_FALSE(parse_free_space(bad)) << bad;
    }
    EXPECT_EQ(minimum_free_of(attributes("3GB")), 3000 * k_mb);
    EXPECT_FALSE(minimum_free_of(attributes("lots")));
    const TempDir directory;
    directory.write("archive/file", "x");
    EXPECT_EQ(measure_storage(directory.path(), {"archive"}).needed, 50 * k_mb);
    directory.write("data/xmbean-attrs/a@3Agroup@3DONLINE_STORAGE@2Cservice@3DFileSystemMgt.xml", attributes("1GB"));
    directory.write("data/xmbean-attrs/a@3Agroup@3DNEARLINE_STORAGE@2Cservice@3DFileSystemMgt.xml", attributes("9GB"));
    directory.write("data/xmbean-attrs/b@3Agroup@3DONLINE_STORAGE@2Cservice@3DFileSystemMgt.xml", "no XML");
    const auto storage = measure_storage(directory.path(), {"archive", "/proc", "not-there"});
    EXPECT_EQ(storage.needed, 1000 * k_mb);
    ASSERT_EQ(storage.rooms.size(), 2U);
    EXPECT_EQ(storage.rooms[0].directory, directory.path("archive"));
    EXPECT_GT(storage.rooms[0].free, 0U);
    EXPECT_GT(storage.volume.free, 0U);
}

TEST(Surroundings, TheDirectoriesAreThoseOfTheDatabase)
{
    EXPECT_THAT(storage_directories(""), ElementsAre("archive"));
    EXPECT_THAT(storage_directories("7"), ElementsAre("archive"));
    EXPECT_THAT(storage_directories(R"({"storage":["archive","/mnt/nas/a2"]})"), ElementsAre("archive", "/mnt/nas/a2"));
    EXPECT_THAT(storage_directories(R"({"storage":["../..","a/../b","tar:/x","",7,"a\nb","good"]})"),
                ElementsAre("good"));
}

TEST(Surroundings, ADatabaseThatCannotBeUsedIsNamed)
{
    const Inquiry::Answer failed{ExitStatus::exited(69), "", false};
    const auto condition =
        judge_database(failed, R"({"state":"failed","cause":"refused","message":"nobody listens on db:3306"})");
    ASSERT_TRUE(condition);
    EXPECT_TRUE(condition->fault);
    EXPECT_EQ(condition->text, "the database cannot be used: nobody listens on db:3306");
    EXPECT_FALSE(judge_database(failed, R"({"state":"failed","cause":"","message":"no datasource file"})"));
    EXPECT_FALSE(judge_database(failed, ""));
    EXPECT_FALSE(judge_database({ExitStatus::exited(0), "", false}, R"({"state":"failed","cause":"x"})"));
    EXPECT_THAT(judge_database({ExitStatus::killed(9), "", true}, "")->text, HasSubstr("does not answer within 20 s"));
}
