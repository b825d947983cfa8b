// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/events.hpp>
#include <dcm/archive/process_table.hpp>
#include <dcm/archive/server.hpp>

#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <thread>

#include <temp_dir.hpp>

using dcm::archive::Server;

namespace {

const dcm::Notify k_silent = [](const dcm::Notice&) {};

pid_t find_child(pid_t parent, const std::string& name)
{
    for (int tries = 0; tries < 1000; ++tries) {
        for (const auto& process : dcm::archive::read_processes()) {
            if (process.parent == parent && process.name == name) {
                return process.pid;
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return 0;
}

void start(Server& server, const TempDir& dir, const std::string& script)
{
    dcm::sys::LongLived program;
    program.argv = {dir.write("run.sh", "#!/bin/sh\n" + script)};
    program.session = dcm::sys::Session::own;
    std::filesystem::permissions(program.argv[0], std::filesystem::perms::owner_all);
    dcm::archive::adopt_orphans();
    server.start(program, program.argv[0]);
}

void end(pid_t pid, int signal)
{
    siginfo_t info{};
    ASSERT_EQ(kill(pid, signal), 0);
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
}

void reap(Server& server)
{
    while (const auto dead = dcm::archive::reap_one()) {
        server.on_reaped(dead->pid, dead->status, k_silent);
    }
}

}  // namespace

TEST(Server, EndsWithTheStatusOfItsLastSurvivorHoweverLateThatIsReaped)
{
    const TempDir dir;
    Server server;
    start(server, dir, "sleep 1000 &\nwait\n");
    const pid_t shell = find_child(getpid(), "run.sh");
    const pid_t survivor = find_child(shell, "sleep");
    ASSERT_NE(survivor, 0);
    end(shell, SIGKILL);
    reap(server);
    EXPECT_FALSE(server.take_end());
    end(survivor, SIGTERM);
    EXPECT_FALSE(server.take_end());
    reap(server);
    const auto status = server.take_end();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->signal(), SIGTERM);
}

TEST(Server, ARunShWhoseServerWasAskedIsLeftToPassOnHowThatEnded)
{
    const TempDir dir;
    ASSERT_EQ(mkfifo(dir.path("go").c_str(), 0600), 0);
    std::fstream go(dir.path("go"));
    Server server;
    start(server, dir, "sleep 1000\nread -r line <'" + dir.path("go") + "'\nexit 7\n");
    const pid_t shell = find_child(getpid(), "run.sh");
    const pid_t child = find_child(shell, "sleep");
    ASSERT_NE(child, 0);
    server.ask_to_end();
    while (kill(child, 0) == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    server.ask_to_end();
    go << std::endl;
    siginfo_t info{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(shell), &info, WEXITED | WNOWAIT), 0);
    reap(server);
    const auto status = server.take_end();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->exit_code(), 7);
}
