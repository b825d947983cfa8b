// SPDX-License-Identifier: Apache-2.0
// What is read from texts: /proc, /sys, run.conf, settings, the control socket.
#include <dcm/archive/control.hpp>
#include <dcm/archive/host_name.hpp>
#include <dcm/archive/java_check.hpp>
#include <dcm/archive/memory.hpp>
#include <dcm/archive/readiness.hpp>
#include <dcm/archive/started_line.hpp>
#include <dcm/archive/tcp_table.hpp>

#include <gmock/gmock.h>

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>

#include <temp_dir.hpp>

using namespace dcm::archive;
using dcm::sys::ExitStatus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

std::vector<TcpSocket> table_of(std::initializer_list<const char*> lines)
{
    std::vector<TcpSocket> table;
    for (const auto* const line : lines) {
        if (const auto socket = parse_tcp_line(line)) {
            table.push_back(*socket);
        }
    }
    return table;
}

}  // namespace

TEST(TcpTable, FindsTheListenerAndCountsConnections)
{
    const auto table = table_of({"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid",
                                 "   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   105",
                                 "   1: 00000000:2B68 00000000:0000 0A 00000000:00000000 00:00000000 00000000   105",
                                 "   2: 0200A8C0:2B68 0300A8C0:9C40 01 00000000:00000000 00:00000000 00000000   105",
                                 "   3: 0200A8C0:2B68 0400A8C0:9C41 06 00000000:00000000 00:00000000 00000000   105",
                                 "   4: 0200A8C0:9C42 0400A8C0:2B68 01 00000000:00000000 00:00000000 00000000   105"});
    EXPECT_EQ(listener_of(table, 11112), "127.0.0.1");
    EXPECT_EQ(connections_to(table, 11112), 1U);
    EXPECT_FALSE(listener_of(table, 8080));
}

TEST(TcpTable, SaysWhereToReachIt)
{
    const auto reach = [](const char* line) { return listener_of(table_of({line}), 11112); };
    EXPECT_EQ(reach("0: 0200A8C0:2B68 00000000:0000 0A"), "192.168.0.2");
    EXPECT_EQ(reach("0: 00000000000000000000000000000000:2B68 00000000000000000000000000000000:0000 0A"), "127.0.0.1");
    EXPECT_EQ(reach("0: 0000000000000000FFFF00000200A8C0:2B68 0:0 0A"), "192.168.0.2");
    EXPECT_EQ(reach("0: 0000000000000000FFFF000000000000:2B68 0:0 0A"), "127.0.0.1");
    EXPECT_EQ(reach("0: 00000000000000000000000001000000:2B68 0:0 0A"), "::1");
}

TEST(TcpTable, RefusesWhatIsMangled)
{
    for (const char* const line : {"", ":", "0:", "0: 2B68 0 0A", "0: zz:2B68 0:0 0A", "0: 0100007F:2B688 0:0 0A"}) {
        EXPECT_FALSE(parse_tcp_line(line)) << line;
    }
}

TEST(Memory, ReadsTheGroup)
{
    EXPECT_EQ(parse_group_path("0::/\n")->path, "/");
    EXPECT_EQ(parse_group_path("0::/docker/abc\n")->version, 2);
    const auto old = parse_group_path("12:pids:/x\n4:memory,cpu:/docker/abc\n0::/init.scope\n");
    EXPECT_EQ(old->version, 1);
    EXPECT_EQ(old->path, "/docker/abc");
    EXPECT_FALSE(parse_group_path(""));
    EXPECT_FALSE(parse_group_path("0:\n::\n1:memory:\n"));
}

TEST(Memory, TakesTheSmallestLimitOnTheWayUp)
{
    const TempDir root;
    root.write("proc/self/cgroup", "0::/a/b\n");
    root.write("sys/fs/cgroup/a/b/memory.max", "max\n");
    root.write("sys/fs/cgroup/a/b/memory.events", "low 0\noom 3\noom_kill 2\noom_group_kill 0\n");
    root.write("sys/fs/cgroup/a/memory.max", "1073741824\n");
    const auto memory = read_container_memory(root.path());
    EXPECT_EQ(memory.limit, 1073741824U);
    EXPECT_EQ(memory.oom_kills, 2U);
}

TEST(Memory, SeesItsOwnGroupAtTheRootOfAContainer)
{
    const TempDir root;
    root.write("proc/self/cgroup", "9:memory:/docker/abc\n");
    root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n");
    root.write("sys/fs/cgroup/memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n");
    const auto memory = read_container_memory(root.path());
    EXPECT_EQ(memory.limit, 536870912U);
    EXPECT_EQ(memory.oom_kills, 5U);
    root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    EXPECT_FALSE(read_container_memory(root.path()).limit);
    EXPECT_FALSE(read_container_memory(root.path("nothing")).limit);
}

TEST(Memory, KnowsThisProcess)
{
    EXPECT_GT(resident_memory(getpid()).value_or(0), 100000U);
    EXPECT_FALSE(resident_memory(0));
}

TEST(JavaCheck, TheJvmSaysWhatItMakesOfItsOptions)
{
    const auto judge = [](int status, const char* text, bool site_options = true) {
        return judge_java({ExitStatus::exited(status), text, false}, 1ULL << 30U, site_options);
    };
    EXPECT_THAT(judge(0, "    uintx MaxHeapSize     := 536870912       {product}\n"), IsEmpty());
    EXPECT_THAT(judge(0, "   size_t MaxHeapSize      = 2147483648      {product} {command line}\n"),
                ElementsAre(HasSubstr("JAVA_OPTS allows a heap of 2.1 GB, but the container may use only 1.1 GB")));
    const char* const ignored =
        "OpenJDK 64-Bit Server VM warning: ignoring option MaxPermSize=128m; support was removed "
        "in 8.0\n";
    EXPECT_THAT(judge(0, ignored), ElementsAre("JAVA_OPTS: the JVM says 'ignoring option MaxPermSize=128m; support was "
                                               "removed in 8.0'"));
    EXPECT_THAT(judge(0, "dcm-confine: warning: cannot confine the server by Landlock: x, proceeding\n"), IsEmpty());
    EXPECT_THAT(judge(0, ignored, false), IsEmpty());  // as the genuine run.conf has it: harmless
    EXPECT_THAT(judge(1, "Unrecognized VM option 'UseCompressedStrings'\nError: Could not create the Java Virtual "
                         "Machine.\nError: A fatal exception has occurred. Program will exit.\n"),
                ElementsAre("the JVM does not start with the options of JAVA_OPTS: Unrecognized VM option "
                            "'UseCompressedStrings'; correct them"));
    EXPECT_THAT(judge(1,
                      "Error occurred during initialization of VM\nInitial heap size set to a larger value than the "
                      "maximum heap size\n",
                      false),
                ElementsAre(HasSubstr("run.conf: Error occurred during initialization of VM: Initial heap size")));
    EXPECT_THAT(judge(0, ""), IsEmpty());
    EXPECT_THAT(judge_java({ExitStatus::killed(9), "", true}, 1, true), IsEmpty());
}

TEST(JavaCheck, RunConfIsReadByAShell)
{
    const TempDir home;
    std::filesystem::permissions(home.write("java", "#!/bin/sh\nprintf 'warning: %s|' \"$@\"\n"),
                                 std::filesystem::perms::all);
    home.write("bin/run.conf",
               "JAVA=" + home.path("java") +
                   "\nHEAP='-Xms64m\t-Xmx1g'\nif [ \"x$JAVA_OPTS\" = x ]; then\n  JAVA_OPTS=\"$HEAP \\\n"
                   "-XX:+UseSerialGC\"\nfi\n"
                   "JAVA_OPTS=\"$JAVA_OPTS -Dx=y -agentlib:jdwp=server=y -Xloggc:log *\"\n");
    Inquiry inquiry;
    ASSERT_TRUE(inquiry.ask(java_question(home.path()), dcm::Clock::time_point{}, {}));
    int status = 0;
    const pid_t pid = waitpid(-1, &status, 0);
    EXPECT_EQ(inquiry.on_reaped(pid, ExitStatus::decode(status))->text,
              "warning: -Xms64m|warning: -Xmx1g|warning: -XX:+UseSerialGC|warning: *|warning: -XX:+PrintFlagsFinal|"
              "warning: -version|\n");
}

TEST(StartedLine, IsFoundHoweverItComes)
{
    const std::string line =
        "10:00:00 INFO  [org.jboss.system.server.Server] JBoss (MX MicroKernel) [4.2.3.GA] Started in 6s:042ms\n";
    for (std::size_t cut = 0; cut < line.size(); ++cut) {
        StartedLine started;
        started.feed("noise Started in 5s\nJBoss Started in no time\n");
        EXPECT_FALSE(started.feed(line.substr(0, cut)));
        EXPECT_TRUE(started.feed(line.substr(cut))) << cut;
    }
}

TEST(StartedLine, OldLinesDoNotCount)
{
    const TempDir server;
    const std::string line = "JBoss Started in 6s:042ms\n";
    server.write("log/server.log", line);
    StartedLine started;
    started.watch(server.path(), end_of_log(server.path()));
    EXPECT_FALSE(started.look());
    server.write("log/server.log", "new\n");  // truncated
    EXPECT_FALSE(started.look());
    server.write("log/server.log", "new\n" + line);
    EXPECT_TRUE(started.look());
    EXPECT_TRUE(started.look());
}

// The server may lay one, and it is read with its rights, not confined as it is.
TEST(StartedLine, IsNotReadThroughALink)
{
    const TempDir server;
    const std::string elsewhere = server.write("elsewhere/server.log", "JBoss Started in 6s:042ms\n");
    std::filesystem::create_directory(server.path() + "/log");
    std::filesystem::create_symlink(elsewhere, server.path() + "/log/server.log");
    EXPECT_EQ(end_of_log(server.path()).inode, 0U);
    StartedLine started;
    started.watch(server.path(), {});
    EXPECT_FALSE(started.look());
    std::filesystem::remove_all(server.path() + "/log");
    std::filesystem::create_directory_symlink("elsewhere", server.path() + "/log");
    EXPECT_FALSE(started.look());
}

TEST(Echo, ARejectionIsAnAnswer)
{
    EXPECT_EQ(judge_echo(ExitStatus::exited(0), "").answer, EchoResult::Answer::accepted);
    const auto rejected =
        judge_echo(ExitStatus::exited(1), "F: Association Rejected:\nF: Result: Rejected Permanent, Source: "
                                          "Service User\nF: Reason: Called AE Title Not Recognized\n");
    EXPECT_EQ(rejected.answer, EchoResult::Answer::rejected);
    EXPECT_EQ(rejected.text, "Called AE Title Not Recognized");
    const auto refused = judge_echo(ExitStatus::exited(1), "F: Association Request Failed: 0006:0317 Peer aborted\n");
    EXPECT_FALSE(refused.alive());
    EXPECT_EQ(refused.text, "Association Request Failed: 0006:0317 Peer aborted");
    EXPECT_FALSE(judge_echo(ExitStatus::killed(11), "").alive());
}

TEST(Echo, AComplaintAboutADictionaryIsNoReason)
{
    const std::string complaint = "W: DcmDataDictionary: Cannot open file: /usr/share/dcmtk/private.dic\n";
    EXPECT_EQ(judge_echo(ExitStatus::exited(1), complaint + "F: Association Request Failed: 0006:031b\n"
                                                            "F: 0006:0317 Peer aborted Association\n")
                  .text,
              "Association Request Failed: 0006:031b");
    EXPECT_EQ(judge_echo(ExitStatus::exited(1), complaint + "E: Echo Failed: 0006:0207\n").text,
              "Echo Failed: 0006:0207");
    EXPECT_EQ(judge_echo(ExitStatus::exited(1), complaint).text, "no reason given");
}

TEST(Control, UnderstandsRequestsAndAnswers)
{
    EXPECT_EQ(parse_request("restart nightly"), "nightly");
    EXPECT_EQ(parse_request("restart "), "");
    EXPECT_EQ(parse_request("restart a\nb"), "a\\nb");
    EXPECT_FALSE(parse_request("stop"));
    EXPECT_FALSE(parse_answer(""));
    EXPECT_FALSE(parse_answer("end x"));
    EXPECT_FALSE(parse_answer("end 300 x"));
    EXPECT_EQ(parse_answer("end 75 a restart is already going on")->notice.message, "a restart is already going on");
    EXPECT_EQ(parse_answer("end 75")->end, 75);
    EXPECT_EQ(parse_answer("end 75")->notice.message, "");
    EXPECT_EQ(parse_answer("warning be careful")->notice.level, dcm::Level::warning);
    EXPECT_FALSE(parse_answer("warning be careful")->end);
}

TEST(HostName, IsAddedOnlyWhenItDoesNotResolve)
{
    const TempDir directory;
    const auto path = directory.write("hosts", "127.0.0.1 localhost");
    std::vector<std::string> said;
    const dcm::Notify notify = [&](const dcm::Notice& notice) { said.push_back(notice.message); };
    ensure_host_name("no-such-host.invalid", path, notify);
    EXPECT_THAT(said, ElementsAre(HasSubstr("does not resolve")));
    EXPECT_EQ(directory.read("hosts"), "127.0.0.1 localhost\n127.0.0.1 no-such-host.invalid\n");
    ensure_host_name("localhost", path, notify);
    EXPECT_EQ(said.size(), 1U);
    ensure_host_name("no-such-host.invalid", directory.path("missing"), notify);
    EXPECT_THAT(said.back(), HasSubstr("--add-host no-such-host.invalid:127.0.0.1"));
}

TEST(HostName, IsAddedWhenNoNameServerAnswersInASecond)
{
    const TempDir directory;
    const auto hosts = directory.write("hosts", "127.0.0.1 localhost\n");
    std::filesystem::permissions(directory.write("getent", "#!/bin/sh\n[ \"$1\" != -s ] || exit 2\nexec sleep 4\n"),
                                 std::filesystem::perms::all);
    const std::string before = std::getenv("PATH");
    setenv("PATH", (directory.path() + ":" + before).c_str(), 1);
    std::vector<std::string> said;
    const auto begin = std::chrono::steady_clock::now();
    ensure_host_name("pacs", hosts, [&](const dcm::Notice& notice) { said.push_back(notice.message); });
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4)) << "it was waited for";
    setenv("PATH", before.c_str(), 1);
    EXPECT_THAT(said, ElementsAre(HasSubstr("does not resolve")));
    EXPECT_EQ(directory.read("hosts"), "127.0.0.1 localhost\n127.0.0.1 pacs\n");
}

TEST(AeTitle, IsThatOfDicom)
{
    EXPECT_FALSE(parse_aet("SEVENTEENLETTERSX"));
    EXPECT_FALSE(parse_aet("A\\B"));
    EXPECT_FALSE(parse_aet(" "));
    EXPECT_EQ(parse_aet(" DCM4CHEE "), "DCM4CHEE");
}
