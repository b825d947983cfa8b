// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/archive_files.hpp>
#include <dcm/db/archive_look.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>

#include "fake_session.hpp"
#include "temp_dir.hpp"

namespace {

using namespace std::chrono_literals;
using namespace dcm::db;

constexpr std::time_t k_now = 1'796'000'000;  // 2026-11-29

std::string day(int ago)
{
    struct tm then {};
    const std::time_t time = k_now - std::time_t{86'400} * ago;
    localtime_r(&time, &then);
    return std::to_string(then.tm_year + 1900) + "/" + std::to_string(then.tm_mon + 1) + "/" +
           std::to_string(then.tm_mday);
}

class ArchiveFilesTest : public ::testing::Test {
protected:
    // A database with the one file system and these files on it, the newest first.
    void knows(const std::string& dirpath, const std::vector<std::string>& newest,
               const std::vector<std::string>& older = {})
    {
        session.answers["SELECT 1 FROM files"] = {{{"1"}}, std::nullopt};
        session.answers["SELECT pk, dirpath"] = {{{"7", dirpath}}, std::nullopt};
        std::uint64_t pk = 1000;
        for (const auto& path : newest) {
            session.answers["(SELECT pk, filepath FROM"].rows.push_back({std::to_string(pk--), path});
        }
        for (const auto& path : older) {
            session.answers["(SELECT pk, filepath, created"].rows.push_back({std::to_string(pk--), path, "0"});
        }
    }

    ArchiveFiles check() { return check_archive_files(session, server.path("archive"), k_now, 20s); }

    std::string failure() const { return result.failure ? result.failure->detail : ""; }

    const TempDir server;
    FakeSession session;
    ArchiveFiles result;
};

TEST_F(ArchiveFilesTest, NothingKnownAndNothingThere)
{
    EXPECT_FALSE(check().failure);
    server.write("archive/lost+found/x", "");
    server.write("archive/@eaDir/2026/1/x", "");
    server.write("archive/readme.txt", "");
    server.write("archive/2026/13/x", "");
    server.write("archive/2026/1/.DS_Store", "");
    EXPECT_FALSE(check().failure) << "no images";
    session.answers["SELECT 1 FROM files"] = {{}, Failure{Cause::other, 1146, "no such table"}};
    result = check();
    EXPECT_FALSE(result.failure);
    EXPECT_TRUE(result.warnings.empty());
}

TEST_F(ArchiveFilesTest, FilesThatAnEmptyDatabaseDoesNotKnow)
{
    server.write("archive/2019/3/4/5/A/B/C", "dicom");
    const std::string said = "the database is empty, the archive is not: there are files below '" +
                             server.path("archive") +
                             "': is this the right database? Restore it (/opt/dcm/maintenance/restore), or name the "
                             "right one as MYSQL_DATABASE and MYSQL_HOST; DCM_ARCHIVE_CHECK=warn starts without";
    result = check();
    EXPECT_EQ(failure(), said);
    EXPECT_EQ(result.failure->cause, Cause::wrong_database);
    session.answers["SELECT 1 FROM files"] = {{}, Failure{Cause::other, 1146, "no such table"}};
    result = check();
    EXPECT_EQ(failure(), said) << "the tables are not even there";
}

TEST_F(ArchiveFilesTest, FarFewerKnownThanThereAre)
{
    std::vector<std::string> known;
    for (int ago = 0; ago < 12; ++ago) {
        server.write("archive/" + day(ago) + "/10/A/B/C", "dicom");
        server.write("archive/" + day(ago) + "/10/A/B/D", "dicom");
    }
    knows("archive", {day(0) + "/10/A/B/C"});
    session.answers["SELECT COUNT(DISTINCT"] = {{{"2"}}, std::nullopt};
    result = check();
    EXPECT_NE(failure().find("the database knows 2 of 20 files of the last 30 days below '" + server.path("archive") +
                             "': is this the right database?"),
              std::string::npos)
        << failure();
    EXPECT_EQ(session.asked.back().second.size(), 20U);
    EXPECT_EQ(session.asked.back().second.at(0), day(0) + "/10/A/B/C");
    EXPECT_EQ(session.asked.back().second.at(1), day(1) + "/10/A/B/C") << "the days in turn";
    session.answers["SELECT COUNT(DISTINCT"] = {{{"3"}}, std::nullopt};
    EXPECT_FALSE(check().failure);
    session.answers["SELECT COUNT(DISTINCT"] = {{}, Failure{Cause::other, 1176, "no such key"}};
    EXPECT_FALSE(check().failure) << "an older schema has no such index";
    session.answers["SELECT COUNT(DISTINCT"] = {{}, Failure{Cause::not_ready, 2013, "lost"}};
    EXPECT_EQ(check().failure->cause, Cause::not_ready);
}

TEST_F(ArchiveFilesTest, AFewUnknownFilesAreNoOtherDatabase)
{
    server.write("archive/" + day(1) + "/10/A/B/C", "dicom");
    server.write("archive/" + day(1) + "/10/A/B/D", "dicom");
    knows("archive", {day(1) + "/10/A/B/C"});
    result = check();
    EXPECT_FALSE(result.failure);
    EXPECT_TRUE(result.warnings.empty());
    EXPECT_EQ(session.asked.back().first.find("COUNT"), std::string::npos);
}

TEST_F(ArchiveFilesTest, NoneThereNamesPathAndCount)
{
    knows("archive", {"2026/3", "2026/2", "2026/1"});
    result = check();
    EXPECT_EQ(failure(), "none of the newest 3 files that the database knows is under '" + server.path("archive") +
                             "': the mount of the archive is missing or empty; mount it there (volumes: in "
                             "docker-compose.yml), take that line out where the images are in the configuration "
                             "volume, or restore them; DCM_ARCHIVE_CHECK=warn starts without");
    EXPECT_EQ(result.failure->cause, Cause::archive_missing);
    ASSERT_GE(session.asked.size(), 2U);
    EXPECT_NE(session.asked[1].first.find("WHERE filesystem_fk = 7 ORDER BY pk DESC LIMIT 20) UNION (SELECT"),
              std::string::npos);
    knows("archive", {}, {"2025/2", "2025/1"});
    result = check();
    EXPECT_NE(failure().find("none of the newest 3 files and of 2 older ones that the database knows is under"),
              std::string::npos)
        << failure();
}

TEST_F(ArchiveFilesTest, TheNewestLostButOlderOnesThere)
{
    knows("archive", {"2026/3", "2026/2"}, {"2025/2", "2025/1"});
    server.write("archive/2025/1", "dicom");
    result = check();
    EXPECT_FALSE(result.failure);
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_EQ(result.warnings[0],
              "2 of the newest 2 files that the database knows are not under '" + server.path("archive") +
                  "', but older ones are: they were lost, as after a power cut; /opt/dcm/maintenance/verify-archive "
                  "--newest tells which, and the modalities may have them still");
    server.write("archive/2026/3", "dicom");
    result = check();
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_EQ(result.warnings[0].find("1 of the newest 2 files that the database knows are not under '"), 0U);
    server.write("archive/2026/2", "dicom");
    EXPECT_TRUE(check().warnings.empty());
}

TEST_F(ArchiveFilesTest, OlderOnesAreSpreadOverTheKeysAndThoseOfTodayDoNotCount)
{
    knows("archive", {"2026/3"});
    session.answers["(SELECT pk, filepath FROM"].rows.push_back({"1", "2020/1"});
    session.answers["(SELECT pk, filepath, created"].rows = {{"9", "2026/9", "1"}};
    server.write("archive/2026/9", "dicom");
    EXPECT_TRUE(check().failure) << "stored today";
    const auto& statement = session.asked.back().first;
    for (const char* part : {"(SELECT pk, filepath, created_time >= NOW() - INTERVAL 1 DAY FROM files FORCE INDEX "
                             "(filesystem_fk) WHERE filesystem_fk = 7 AND pk >= 1 ORDER BY pk LIMIT 1) UNION (",
                             " AND pk >= 50 ORDER BY pk LIMIT 1)", " AND pk >= 932 ORDER BY pk LIMIT 1)"}) {
        EXPECT_NE(statement.find(part), std::string::npos) << part << '\n' << statement;
    }
}

TEST_F(ArchiveFilesTest, AbsolutePathsAndTarFileSystems)
{
    const TempDir elsewhere;
    elsewhere.write("2026/1", "dicom");
    knows(elsewhere.path(), {"2026/1"});
    EXPECT_FALSE(check().failure);
    session.answers["SELECT pk, dirpath"] = {{{"7", "tar:/mnt/tapes"}}, std::nullopt};
    EXPECT_FALSE(check().failure);
}

TEST_F(ArchiveFilesTest, OnlyTheNewestTwentyOfAllFileSystems)
{
    std::vector<std::string> many(20, "2026/1");
    knows("archive", many);
    session.answers["SELECT pk, dirpath"].rows.push_back({"8", "archive2"});
    result = check();
    EXPECT_NE(failure().find("none of the newest 20 "), std::string::npos);
}

TEST_F(ArchiveFilesTest, PathsThatNoArchiveWrites)
{
    server.write("secret", "");
    server.write("archive/x", "");
    knows("archive", {"../secret", "/etc/passwd", "a\nb", "a//b", "", ".", "x/.."});
    result = check();
    EXPECT_FALSE(result.failure) << "nothing that could be looked for";
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_EQ(result.warnings[0], "the table files has paths that no archive writes, such as '../secret'; they are not "
                                  "looked for: find out who wrote them");
    session.answers.clear();
    knows("archive", {"*", "2026/*/1"});
    EXPECT_TRUE(check().failure) << "a star is a star";
    server.write("archive/*", "");
    result = check();
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_EQ(result.warnings[0].find("1 of the newest 2 files"), 0U);
}

TEST_F(ArchiveFilesTest, LinksBelowTheArchiveAreNotFollowed)
{
    const TempDir elsewhere;
    for (int ago = 0; ago < 12; ++ago) {
        elsewhere.write(day(ago) + "/C", "");
    }
    elsewhere.write("2020/1/x", "");
    ASSERT_EQ(symlink(elsewhere.path().c_str(), (server.write("archive/y", "") + "-link").c_str()), 0);
    ASSERT_EQ(symlink((elsewhere.path() + "/2020").c_str(), server.path("archive/2020").c_str()), 0);
    EXPECT_FALSE(check().failure) << "nothing is looked for behind a link";
    knows("archive", {"2020/1/x"});
    EXPECT_FALSE(check().failure) << "what cannot be looked at is not missing";
    ASSERT_EQ(mkfifo(server.path("archive/fifo").c_str(), 0600), 0);
    EXPECT_FALSE(check().failure);
}

TEST_F(ArchiveFilesTest, TheMarkOfAMissingMount)
{
    server.write("archive/NO_MOUNT", "");
    const std::string mark = "NO_MOUNT lies in '" + server.path("archive") +
                             "': it is dcm4chee's mark for a mount that is missing, and nothing is stored there; mount "
                             "the file system there, or remove it if this is the archive";
    result = check();
    EXPECT_EQ(failure(), mark + "; DCM_ARCHIVE_CHECK=warn starts without");
    knows("archive", {"2026/1"});
    result = check();
    EXPECT_NE(failure().find("; NO_MOUNT in '" + server.path("archive") + "' says the same; "), std::string::npos)
        << failure();
    server.write("archive/2026/1", "");
    result = check();
    EXPECT_FALSE(result.failure);
    EXPECT_EQ(result.warnings, std::vector<std::string>{mark});
}

TEST_F(ArchiveFilesTest, WhatCannotBeAskedIsSaidAndALostConnectionIsNot)
{
    knows("archive", {"1"});
    session.answers["(SELECT pk, filepath FROM"] = {{}, Failure{Cause::no_right, 1142, "SELECT command denied"}};
    result = check();
    EXPECT_FALSE(result.failure);
    EXPECT_EQ(result.warnings,
              std::vector<std::string>{"cannot check that the archive's files are there: SELECT command denied"});
    session.answers["(SELECT pk, filepath FROM"] = {{}, Failure{Cause::not_ready, 2013, "lost"}};
    EXPECT_EQ(check().failure->cause, Cause::not_ready);
}

TEST_F(ArchiveFilesTest, AFileServerThatDoesNotAnswer)
{
    knows("archive", {"1"});
    result = check_archive_files(session, server.path("archive"), k_now, 0ms);
    EXPECT_FALSE(result.failure);
    EXPECT_EQ(result.warnings,
              std::vector<std::string>{
                  "the archive's directories did not answer within 0 ms: is the file server behind '" +
                  server.path("archive") + "' down? Nothing can be stored or read there until it answers"});
}

TEST(ArchiveLook, SaysToItsParentWhatItSaw)
{
    Seen seen;
    for (const auto& sample : {std::vector<std::string>{}, std::vector<std::string>{"2026/1/2", "*"}}) {
        seen = {!seen.no_mount, {true, false}, sample, !sample.empty()};
        const Seen again = parse_seen(format_seen(seen));
        EXPECT_EQ(again.no_mount, seen.no_mount);
        EXPECT_EQ(again.missing, seen.missing);
        EXPECT_EQ(again.samples, seen.samples);
        EXPECT_EQ(again.has_files, seen.has_files);
    }
    EXPECT_TRUE(parse_seen("").samples.empty());
}

}  // namespace
