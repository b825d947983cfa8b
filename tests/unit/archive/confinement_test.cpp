// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/confinement.hpp>
#include <dcm/archive/status.hpp>

#include <gmock/gmock.h>

using namespace dcm::archive;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

namespace {

const std::string k_server = "/opt/dcm4chee/server/default";

std::vector<std::string> writable_mounts(const std::vector<std::string>& mounts,
                                         const std::vector<std::string>& secrets = {"/backup", "/run/dcm"})
{
    return confinement_of(k_server, {}, mounts, secrets).mounts;
}

}  // namespace

TEST(Confinement, ImagesMayBeOnAnyMountButThoseForSomethingElse)
{
    EXPECT_THAT(writable_mounts({"/", "/mnt/nas", "/archive2", "/home/images"}),
                ElementsAre("/mnt/nas", "/archive2", "/home/images"));
    EXPECT_THAT(
        writable_mounts({"/proc", "/proc/sys", "/sys", "/dev", "/dev/shm", "/etc/hosts", "/run", "/run/secrets",
                         "/usr/local", "/opt/dcm/maintenance", "/root", "/var/spool/cron", "/var/backups", "/tmp"}),
        IsEmpty());
    EXPECT_THAT(writable_mounts({"/backup", "/backup/nas", "/run/dcm", "/mnt"}, {"/backup", "/mnt/key/file"}),
                IsEmpty());
    EXPECT_THAT(writable_mounts({"/var", "/opt", "/"}), IsEmpty());    // with something of the system in them
    EXPECT_THAT(writable_mounts({k_server + "/archive"}), IsEmpty());  // it is below the volume anyway
    EXPECT_THAT(writable_mounts({"/optional", "/procedures"}), ElementsAre("/optional", "/procedures"));
}

TEST(Confinement, WhoMayUseEverybodysFilesDoesNotReachWhatRootKeeps)
{
    const auto plain = confinement_of(k_server, {}, {}, {});
    EXPECT_THAT(plain.writable, Contains(k_server));
    EXPECT_THAT(plain.shared, IsEmpty());
    const auto files = confinement_of(k_server, {std::nullopt, dcm::sys::Privileges::file_access}, {}, {});
    EXPECT_THAT(files.writable, Not(Contains(k_server)));
    EXPECT_THAT(files.shared, ElementsAre(k_server));
    EXPECT_THAT(files.hidden, Contains(k_server + "/.dcm"));
}

TEST(Confinement, SecretsAreWhatTheEnvironmentNamesAndWhatRootKeeps)
{
    const auto paths =
        secret_paths({"MYSQL_PASSWORD_FILE=/secrets/db", "X=/y", "Y_FILE=relative", "Z_FILE"}, "/run/dcm", "/backup");
    for (const char* const path : {"/secrets/db", "/run/dcm", "/backup", "/run/secrets", "/etc/shadow", "/dev/pts"}) {
        EXPECT_THAT(paths, Contains(path));
    }
    EXPECT_THAT(paths, Not(Contains("/y")));
    EXPECT_THAT(paths, Not(Contains("relative")));
}

TEST(Confinement, GoesThroughACommandLine)
{
    const dcm::sys::Confinement confinement{{"/a b", "/c"}, {"/m"}, {"/s"}, {"/h:x"}};
    auto arguments = confined("/libexec/dcm-confine", confinement, {"run.sh", "--", "w:x"});
    EXPECT_EQ(arguments.front(), "/libexec/dcm-confine");
    arguments.erase(arguments.begin());
    const auto back = parse_confined(arguments);
    EXPECT_EQ(back.confinement.writable, confinement.writable);
    EXPECT_EQ(back.confinement.mounts, confinement.mounts);
    EXPECT_EQ(back.confinement.shared, confinement.shared);
    EXPECT_EQ(back.confinement.hidden, confinement.hidden);
    EXPECT_THAT(back.command, ElementsAre("run.sh", "--", "w:x"));
    EXPECT_THAT(parse_confined({"w:/a"}).command, IsEmpty());
    EXPECT_THAT(parse_confined({"x", ""}).command, IsEmpty());
}

TEST(ServerEnvironment, IsWhatTheServerNeedsAndWhatTheSiteNames)
{
    const std::vector<std::string> all{
        "JAVA_OPTS=-Xmx1g",  "TZ=UTC",     "LC_ALL=C",         "JBOSS_BIND_ADDR=127.0.0.1",
        "PATH=/bin",         "HOME=/",     "MYSQL_PASSWORD=x", "SOME_TOKEN=x",
        "DCM_BACKUP_DIR=/b", "MAX_FD=max", "PROXY=p",          "LCX=1"};
    EXPECT_THAT(server_environment(all, ""),
                ElementsAre("JAVA_OPTS=-Xmx1g", "TZ=UTC", "LC_ALL=C", "JBOSS_BIND_ADDR=127.0.0.1", "PATH=/bin",
                            "HOME=/", "MAX_FD=max"));
    EXPECT_THAT(server_environment({"A=1", "B=2", "C=3", "AB=4"}, " A, C ,,"), ElementsAre("A=1", "C=3"));
}

TEST(End, ComesBackAsItWent)
{
    const End end{1'700'000'000, 137, "killed by signal 9 (Killed)"};
    EXPECT_EQ(format_end(end), "2023-11-14T22:13:20Z 137 killed by signal 9 (Killed)\n");
    const auto back = parse_end(format_end(end));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->time, end.time);
    EXPECT_EQ(back->status, 137);
    EXPECT_EQ(back->text, end.text);
    for (const char* const bad : {"", "\n", "x 1 y\n", "2023-11-14T22:13:20Z x y\n", "2023-11-14T22:13:20Z 300 y\n",
                                  "2023-11-14T22:13:20Z 1 y", "2023-11-14T22:13:20Z 1 y\nz\n"}) {
        EXPECT_FALSE(parse_end(bad)) << bad;
    }
}
