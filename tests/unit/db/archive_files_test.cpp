// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/archive_files.hpp>

#include <gtest/gtest.h>

#include "fake_session.hpp"
#include "temp_dir.hpp"

namespace {

using dcm::db::Cause;
using dcm::db::Failure;

// A database with one online file system and `count` files on it, the newest first.
class Knowing final : public FakeSession {
public:
    Knowing(const std::string& dirpath, int count)
    {
        answers["SELECT pk, dirpath"] = {{{"7", dirpath}}, std::nullopt};
        auto& files = answers["SELECT pk, filepath"];
        for (int i = count; i > 0; --i) {
            files.rows.push_back({std::to_string(i), "2026/" + std::to_string(i)});
        }
    }
};

TEST(ArchiveFiles, NothingKnownNothingMissed)
{
    FakeSession empty;
    EXPECT_FALSE(dcm::db::check_archive_files(empty, "/nowhere").failure);
    Knowing no_files("archive", 0);
    EXPECT_FALSE(dcm::db::check_archive_files(no_files, "/nowhere").failure);
    FakeSession no_table;
    no_table.answers["SELECT pk, dirpath"] = {{}, Failure{Cause::other, 1146, "no such table"}};
    const auto result = dcm::db::check_archive_files(no_table, "/nowhere");
    EXPECT_FALSE(result.failure);
    EXPECT_EQ(result.warning, "");
}

TEST(ArchiveFiles, NoneThereNamesPathAndCount)
{
    const TempDir server;
    Knowing session("archive", 3);
    const auto result = dcm::db::check_archive_files(session, server.path());
    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->cause, Cause::archive_missing);
    EXPECT_NE(result.failure->detail.find("none of the newest 3 files that the database knows is under '" +
                                          server.path("archive") + "'"),
              std::string::npos);
    ASSERT_EQ(session.asked.size(), 2U);
    EXPECT_NE(session.asked[1].first.find("WHERE filesystem_fk = 7 ORDER BY pk DESC LIMIT 20"), std::string::npos);
}

TEST(ArchiveFiles, SomeThereIsAWarning)
{
    const TempDir server;
    server.write("archive/2026/2", "dicom");
    Knowing session("archive", 3);
    const auto result = dcm::db::check_archive_files(session, server.path());
    EXPECT_FALSE(result.failure);
    EXPECT_NE(result.warning.find("2 of the newest 3 files that the database knows are not under"), std::string::npos);
    server.write("archive/2026/1", "");
    server.write("archive/2026/3", "");
    EXPECT_EQ(dcm::db::check_archive_files(session, server.path()).warning, "");
}

TEST(ArchiveFiles, AbsolutePathsAndTarFileSystems)
{
    const TempDir elsewhere;
    elsewhere.write("2026/1", "dicom");
    Knowing absolute(elsewhere.path(), 1);
    EXPECT_FALSE(dcm::db::check_archive_files(absolute, "/nowhere").failure);
    Knowing tar("tar:/mnt/tapes", 1);
    EXPECT_FALSE(dcm::db::check_archive_files(tar, "/nowhere").failure);
    EXPECT_EQ(tar.asked.size(), 1U);
}

TEST(ArchiveFiles, OnlyTheNewestTwentyOfAllFileSystems)
{
    const TempDir server;
    Knowing session("archive", 20);
    session.answers["SELECT pk, dirpath"].rows.push_back({"8", "archive2"});
    const auto result = dcm::db::check_archive_files(session, server.path());
    ASSERT_TRUE(result.failure);
    EXPECT_NE(result.failure->detail.find("none of the newest 20 "), std::string::npos);
}

TEST(ArchiveFiles, WhatCannotBeAskedIsSaidAndALostConnectionIsNot)
{
    Knowing denied("archive", 1);
    denied.answers["SELECT pk, filepath"] = {{}, Failure{Cause::no_right, 1142, "SELECT command denied"}};
    const auto result = dcm::db::check_archive_files(denied, "/nowhere");
    EXPECT_FALSE(result.failure);
    EXPECT_EQ(result.warning, "cannot check that the archive's files are there: SELECT command denied");
    denied.answers["SELECT pk, filepath"] = {{}, Failure{Cause::not_ready, 2013, "lost"}};
    EXPECT_EQ(dcm::db::check_archive_files(denied, "/nowhere").failure->cause, Cause::not_ready);
}

}  // namespace
