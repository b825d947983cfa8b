// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/cron/job_name.hpp>
#include <dcm/cron/job_shell.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/job_record.hpp>
#include <dcm/sys/process.hpp>

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include <temp_dir.hpp>

using dcm::sys::Fd;
using dcm::sys::JobEvent;
using dcm::sys::JobRecord;
using ::testing::ElementsAre;
using ::testing::SizeIs;

namespace {

// A run in a process of its own, as cron gives it, and what dcm-start would receive of it.
struct Seen {
    int status = 0;
    std::vector<JobRecord> records;
    std::string lines;
    std::string lines_before_end;  // of the record that came last
};

class JobShell : public ::testing::Test {
protected:
    void SetUp() override
    {
        std::array<int, 2> ends{};
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
        ours.reset(ends[0]);
        theirs.reset(ends[1]);
    }

    pid_t start(const std::string& command, const dcm::cron::Environment& given = {})
    {
        const pid_t child = fork();
        if (child == 0) {
            ours.reset();
            dcm::cron::JobShellSettings settings;
            settings.command = command;
            settings.given = given;
            settings.run_directory = directory.path("run");
            settings.log = theirs.get();
            int status = 99;
            try {
                status = dcm::cron::run_job(settings, [](const auto&) {});
            } catch (const dcm::Error& failure) {
                status = to_int(failure.code());
            }
            _exit(status);
        }
        theirs.reset();
        return child;
    }

    Seen end(pid_t child)
    {
        Seen seen;
        std::array<char, dcm::sys::k_job_log_frame> buffer{};
        for (;;) {
            const auto got = recv(ours.get(), buffer.data(), buffer.size(), 0);
            if (got <= 0) {
                break;
            }
            const std::string_view message(buffer.data(), static_cast<std::size_t>(got));
            if (const auto record = dcm::sys::parse_job_record(message)) {
                seen.records.push_back(*record);
                seen.lines_before_end = seen.lines;
            } else {
                seen.lines += message;
            }
        }
        int status = 0;
        EXPECT_EQ(waitpid(child, &status, 0), child);
        seen.status = WEXITSTATUS(status);
        return seen;
    }

    const std::string user = dcm::sys::user_name(geteuid());
    std::string prefix(const std::string& name) const { return dcm::sys::job_prefix(user, name); }

    TempDir directory;
    Fd ours;
    Fd theirs;
};

TEST_F(JobShell, RunsTheLineAndTellsStartOutputAndEnd)
{
    const auto seen = end(start("echo one; echo two >&2; printf three; exit 3"));
    EXPECT_EQ(seen.status, 3);
    EXPECT_EQ(seen.lines, prefix("echo") + "one\n" + prefix("echo") + "two\n" + prefix("echo") + "three\n");
    EXPECT_EQ(seen.lines_before_end, seen.lines);
    ASSERT_THAT(seen.records, SizeIs(2));
    EXPECT_EQ(seen.records[0].event, JobEvent::started);
    EXPECT_EQ(seen.records[1].event, JobEvent::ended);
    EXPECT_EQ(seen.records[1].status.exit_code(), 3);
    EXPECT_EQ(seen.records[1].name, "echo");
    EXPECT_EQ(seen.records[0].id, seen.records[1].id);
}

TEST_F(JobShell, GivesTheContainersEnvironmentUnderWhatCronGives)
{
    dcm::cron::publish_environment({"A=container", "B=container", "_DCM_LOCK_FD=7"}, directory.path("run"));
    const auto seen = end(start("echo $A $B $_DCM_LOCK_FD $SHELL", {"A=crontab", "SHELL=/x/dcm-job-shell"}));
    EXPECT_EQ(seen.lines, prefix("echo") + "crontab container /bin/sh\n");
}

TEST_F(JobShell, UsesTheShellThatTheTableNamesAndSaysWhenThereIsNone)
{
    EXPECT_EQ(end(start("echo $BASH", {"_DCM_JOB_SHELL=/bin/bash"})).lines, prefix("echo") + "/bin/bash\n");
    SetUp();
    const auto seen = end(start("x", {"_DCM_JOB_SHELL=/no/such/shell"}));
    EXPECT_EQ(seen.status, 127);
    ASSERT_THAT(seen.records, SizeIs(2));
    EXPECT_EQ(seen.records[1].status.exit_code(), 127);
}

TEST_F(JobShell, PassesSignalsOn)
{
    const auto marker = directory.path("up");
    const pid_t child = start("trap 'echo got it; exit 5' TERM; : >" + marker + "; while :; do sleep 0.01; done");
    while (access(marker.c_str(), F_OK) != 0) {
        usleep(1000);
    }
    kill(child, SIGTERM);
    const auto seen = end(child);
    EXPECT_EQ(seen.status, 5);
    EXPECT_EQ(seen.lines, prefix("trap") + "got it\n");
}

// The record does not wait for what the job leaves behind with its output open; what that prints still comes.
TEST_F(JobShell, EndIsOnRecordWhenTheShellHasEnded)
{
    const auto go = directory.path("go");
    const pid_t child = start("(while [ ! -e " + go + " ]; do sleep 0.01; done; echo late) & echo early");
    std::array<char, dcm::sys::k_job_log_frame> buffer{};
    std::vector<std::string> first;
    for (int message = 0; message < 3; ++message) {
        const auto got = recv(ours.get(), buffer.data(), buffer.size(), 0);
        ASSERT_GT(got, 0);
        first.emplace_back(buffer.data(), static_cast<std::size_t>(got));
    }
    EXPECT_EQ(first[1], prefix("(while").replace(prefix("(while").find('('), 1, "_") + "early\n");
    ASSERT_TRUE(dcm::sys::parse_job_record(first[2]));
    EXPECT_EQ(dcm::sys::parse_job_record(first[2])->event, JobEvent::ended);
    Fd(open(go.c_str(), O_CREAT | O_WRONLY, 0600));
    EXPECT_THAT(end(child).lines, ::testing::EndsWith("late\n"));
}

TEST_F(JobShell, ASignalEndsTheWaitForWhatLivesOn)
{
    const auto late = directory.path("late");
    const pid_t child = start("(sleep 30; : >" + late + ") & exit 3");
    std::array<char, dcm::sys::k_job_log_frame> buffer{};
    for (int message = 0; message < 2; ++message) {  // it has started, it has ended
        ASSERT_GT(recv(ours.get(), buffer.data(), buffer.size(), 0), 0);
    }
    kill(child, SIGTERM);
    EXPECT_EQ(end(child).status, 3);
    EXPECT_NE(access(late.c_str(), F_OK), 0) << "it was waited for";
}

TEST(InheritedLog, IsASocketThatLeadsToDcmStart)
{
    const auto is_log = [](int fd) {
        return EXIT_SUCCESS == dcm::sys::in_child(std::nullopt, [fd] {
                   dup2(fd, dcm::sys::k_job_log_fd);
                   const bool is = dcm::cron::inherited_log() == dcm::sys::k_job_log_fd;
                   return is && fcntl(dcm::sys::k_job_log_fd, F_GETFD) == FD_CLOEXEC ? EXIT_SUCCESS : EXIT_FAILURE;
               });
    };
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
    const Fd socket(ends[0]);
    const Fd peer(ends[1]);
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    const Fd read_end(ends[0]);
    const Fd write_end(ends[1]);
    EXPECT_TRUE(is_log(socket.get()));
    EXPECT_FALSE(is_log(write_end.get()));
}

}  // namespace
