// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/backoff.hpp>
#include <dcm/archive/server_log.hpp>

#include <gmock/gmock.h>

#include <temp_dir.hpp>

using namespace std::chrono_literals;
using dcm::archive::keep_server_log;
using dcm::archive::last_lines;
using dcm::archive::LogKeep;
using dcm::archive::parse_log_keep;
using dcm::sys::Beneath;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

const dcm::Notify k_silent = [](const dcm::Notice& notice) { ADD_FAILURE() << notice.message; };

}  // namespace

TEST(LogKeep, IsACountOrAnAge)
{
    EXPECT_EQ(parse_log_keep("14")->count, 14U);
    EXPECT_EQ(parse_log_keep("2d")->age, 48h);
    EXPECT_FALSE(parse_log_keep("-1"));
    EXPECT_FALSE(parse_log_keep("many"));
    EXPECT_FALSE(parse_log_keep(""));
}

TEST(ServerLog, IsKeptUnderANameOfItsOwnEvenTwiceASecond)
{
    const TempDir dir;
    std::vector<std::string> kept;
    for (const char* content : {"a", "b", "c"}) {
        dir.write("server.log", content);
        kept.push_back(keep_server_log(Beneath(dir.path()), "server.log", {}, k_silent).value());
    }
    EXPECT_FALSE(std::filesystem::exists(dir.path("server.log")));
    EXPECT_EQ(dir.read(kept[0].substr(dir.path().size() + 1)), "a");
    EXPECT_EQ(dir.read(kept[2].substr(dir.path().size() + 1)), "c");
}

TEST(ServerLog, RemovesOnlyWhatItNamed)
{
    const TempDir dir;
    for (const char* name : {"server.log.20200101-000000", "server.log.20200102-000000", "server.log.2020-01-01",
                             "server.log.1", "server.log.20200101-00000x"}) {
        dir.write(name, "x");
    }
    dir.write("server.log", "new");
    const auto kept = keep_server_log(Beneath(dir.path()), "server.log", LogKeep{2, std::nullopt}, k_silent);
    EXPECT_TRUE(std::filesystem::exists(kept.value()));
    EXPECT_TRUE(std::filesystem::exists(dir.path("server.log.20200102-000000")));
    EXPECT_FALSE(std::filesystem::exists(dir.path("server.log.20200101-000000")));
    for (const char* name : {"server.log.2020-01-01", "server.log.1", "server.log.20200101-00000x"}) {
        EXPECT_TRUE(std::filesystem::exists(dir.path(name))) << name;
    }
}

TEST(ServerLog, LeavesWhatIsNoLog)
{
    const TempDir dir;
    EXPECT_FALSE(keep_server_log(Beneath(dir.path()), "server.log", {}, k_silent));
    dir.write("server.log", "");
    EXPECT_FALSE(keep_server_log(Beneath(dir.path()), "server.log", {}, k_silent));
    std::filesystem::create_directory(dir.path("other"));
    EXPECT_FALSE(keep_server_log(Beneath(dir.path()), "other", {}, k_silent));
}

TEST(ServerLog, GivesItsLastLines)
{
    const TempDir dir;
    dir.write("server.log", "a\nb\nc\n");
    const Beneath directory(dir.path());
    EXPECT_THAT(last_lines(directory, "server.log", 2), ElementsAre("b", "c"));
    EXPECT_THAT(last_lines(directory, "server.log", 9), ElementsAre("a", "b", "c"));
    EXPECT_THAT(last_lines(directory, "server.log", 9, 3), ElementsAre("c"));
    EXPECT_THAT(last_lines(directory, "none", 2), IsEmpty());
}

TEST(Backoff, DoublesToAMinuteAndForgetsAfterAGoodRun)
{
    dcm::archive::Backoff backoff;
    EXPECT_EQ(backoff.next(0ms), 1s);
    EXPECT_EQ(backoff.next(0ms), 2s);
    for (int i = 0; i < 10; ++i) {
        backoff.next(0ms);
    }
    EXPECT_EQ(backoff.next(1s), 60s);
    EXPECT_EQ(backoff.next(10min), 1s);
}

TEST(ServerLog, IsNotFollowedThroughALink)
{
    const TempDir dir;
    const auto elsewhere = dir.write("elsewhere/secret", "the secret\n");
    dir.write("log/x", "");
    std::filesystem::create_symlink(elsewhere, dir.path("log/server.log"));
    const Beneath directory(dir.path("log"));
    EXPECT_FALSE(keep_server_log(directory, "server.log", LogKeep{}, k_silent));
    EXPECT_TRUE(std::filesystem::exists(elsewhere));
    EXPECT_THAT(last_lines(directory, "server.log", 2), IsEmpty());
}
