// SPDX-License-Identifier: Apache-2.0
#include <dcm/datasource/server_file.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include "sample.hpp"
#include <temp_dir.hpp>

namespace {

using dcm::datasource::ServerFile;

class ServerFileTest : public ::testing::Test {
protected:
    std::string path() const { return server.path("deploy/ds.xml"); }

    // A link of the server's user; needs the right to give it to him.
    bool link_of_others(const std::string& target, const std::string& name)
    {
        return symlink(target.c_str(), server.path(name).c_str()) == 0 &&
               lchown(server.path(name).c_str(), 11112, 11112) == 0;
    }

    const TempDir server;
    const TempDir elsewhere;
};

TEST_F(ServerFileTest, ReadsAndWritesWhatIsThere)
{
    EXPECT_EQ(ServerFile(path()).read(100), std::nullopt);
    server.write("deploy/ds.xml", "old");
    chmod(path().c_str(), 0600);
    EXPECT_EQ(ServerFile(path()).read(100), "old");
    EXPECT_EQ(ServerFile(path()).mode(), 0600U);
    ServerFile(path()).write("new", 0640);
    EXPECT_EQ(server.read("deploy/ds.xml"), "new");
    EXPECT_EQ(ServerFile(path()).mode(), 0640U);
    EXPECT_EQ(failure_of([&] { ServerFile(path()).read(2); }).substr(0, 3), "66 ");
    ASSERT_EQ(mkfifo(server.path("deploy/fifo").c_str(), 0600), 0);
    EXPECT_EQ(failure_of([&] { ServerFile(server.path("deploy/fifo")).read(100); }).substr(0, 3), "66 ");
}

TEST_F(ServerFileTest, LinksOfTheAdministratorAreFollowed)
{
    elsewhere.write("ds.xml", "far");
    server.write("deploy/other", "");
    if (geteuid() == 0) {  // so that root's are not the server's
        ASSERT_EQ(chown(server.path().c_str(), 11112, 11112), 0);
        ASSERT_EQ(chown(server.path("deploy").c_str(), 11112, 11112), 0);
    }
    ASSERT_EQ(symlink(elsewhere.path("ds.xml").c_str(), path().c_str()), 0);
    EXPECT_EQ(ServerFile(path()).read(100), "far");
    ServerFile(path()).write("new", 0640);
    EXPECT_EQ(elsewhere.read("ds.xml"), "new");
    ASSERT_EQ(unlink(path().c_str()), 0);
    ASSERT_EQ(symlink("other", path().c_str()), 0);
    ServerFile(path()).write("beside", 0640);
    EXPECT_EQ(server.read("deploy/other"), "beside");
    ASSERT_EQ(symlink(elsewhere.path().c_str(), server.path("conf").c_str()), 0);
    EXPECT_EQ(ServerFile(server.path("conf/ds.xml")).read(100), "new");
    ServerFile(server.path("conf/ds.xml")).write("newer", 0640);
    EXPECT_EQ(elsewhere.read("ds.xml"), "newer");
}

TEST_F(ServerFileTest, LinksOfTheServersUserAreNot)
{
    elsewhere.write("ds.xml", "secret");
    server.write("deploy/x", "");
    if (!link_of_others(elsewhere.path("ds.xml"), "deploy/ds.xml") || !link_of_others(elsewhere.path(), "conf")) {
        GTEST_SKIP() << "not root";
    }
    EXPECT_EQ(failure_of([&] { ServerFile{path()}; }),
              "66 '" + path() + "' is a link that user 11112 made, which is not followed; put the file itself there");
    EXPECT_EQ(failure_of([&] { ServerFile(server.path("conf/ds.xml")); }),
              "66 '" + server.path("conf") +
                  "' is a link that user 11112 made, which is not followed; put the file itself there");
    EXPECT_EQ(elsewhere.read("ds.xml"), "secret");
}

TEST_F(ServerFileTest, LinksOfRootAreNotWhereTheServerMayBeRoot)
{
    if (geteuid() != 0) {
        GTEST_SKIP() << "not root";
    }
    elsewhere.write("ds.xml", "secret");
    server.write("deploy/x", "");
    ASSERT_EQ(symlink(elsewhere.path("ds.xml").c_str(), path().c_str()), 0);
    ASSERT_EQ(symlink(elsewhere.path().c_str(), server.path("conf").c_str()), 0);
    const std::string said = " is a link that user 0 made, which is not followed; put the file itself there";
    EXPECT_EQ(failure_of([&] { ServerFile{path()}; }), "66 '" + path() + "'" + said);
    EXPECT_EQ(failure_of([&] { ServerFile(server.path("conf/ds.xml")); }), "66 '" + server.path("conf") + "'" + said);
    ASSERT_EQ(chmod(server.path().c_str(), 01775), 0);
    EXPECT_EQ(ServerFile(server.path("conf/ds.xml")).read(100), "secret");
}

TEST_F(ServerFileTest, TheCallersOwnPathsAreHisOwn)
{
    elsewhere.write("ds.xml", "mine");
    if (!link_of_others(elsewhere.path("ds.xml"), "ds.xml")) {
        GTEST_SKIP() << "not root";
    }
    EXPECT_EQ(ServerFile(server.path("ds.xml")).read(100), "mine");
}

TEST_F(ServerFileTest, TheTemporaryFileIsNotBesideIt)
{
    server.write("deploy/ds.xml", "old");
    server.write(".dcm/x", "");
    chmod(server.path("deploy").c_str(), 0555);
    ServerFile(path()).write("new", 0640);
    EXPECT_EQ(server.read("deploy/ds.xml"), geteuid() == 0 ? "new" : "old");
    chmod(server.path("deploy").c_str(), 0755);
}

}  // namespace
