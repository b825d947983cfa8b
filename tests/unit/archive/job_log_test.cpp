// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/job_log.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/process.hpp>

#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

#include <temp_dir.hpp>

using dcm::Level;
using dcm::Notice;
using dcm::archive::JobLog;
using dcm::sys::ExitStatus;
using dcm::sys::Fd;
using dcm::sys::format_job_record;
using dcm::sys::JobEvent;
using dcm::sys::JobRecord;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

namespace {

struct Pipe {
    Pipe()
    {
        std::array<int, 2> ends{};
        EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
        read_end.reset(ends[0]);
        write_end.reset(ends[1]);
        fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
    }
    std::string take() const
    {
        std::string text(1U << 20U, '\0');
        const auto got = ::read(read_end.get(), text.data(), text.size());
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }
    Fd read_end;
    Fd write_end;
};

JobRecord record(JobEvent event, int status = 0, const std::string& id = "ab")
{
    JobRecord result;
    result.event = event;
    result.id = id;
    result.name = "job-" + id;
    result.started_ms = 1000;
    result.duration = std::chrono::milliseconds(2000);
    result.status = ExitStatus::exited(status);
    return result;
}

class JobLogTest : public ::testing::Test {
protected:
    void send(const std::string& message) const { ASSERT_TRUE(dcm::sys::write_all(log.write_end(), message)); }
    bool ready() const
    {
        pollfd waiting = log.waits_for();
        return poll(&waiting, 1, 0) == 1;
    }

    TempDir directory;
    Pipe output;
    std::vector<Notice> notices;
    dcm::Notify notify = [this](const Notice& notice) { notices.push_back(notice); };
    JobLog log{directory.path() + "/run/jobs.json", output.write_end.get()};
};

}  // namespace

TEST_F(JobLogTest, CopiesWholeLinesAndKeepsRecordsToItself)
{
    send("[a] one\n[a] two\n");
    send(format_job_record(record(JobEvent::started)));
    send("[b] three\n");
    send("[b] no line");
    log.work(notify);
    EXPECT_EQ(output.take(), "[a] one\n[a] two\n[b] three\n");
    EXPECT_FALSE(ready());
    ASSERT_THAT(log.results(), SizeIs(1));
    EXPECT_EQ(log.results()[0].running, 1U);
    EXPECT_EQ(log.results()[0].pid, getpid());
    EXPECT_EQ(log.results()[0].user, dcm::sys::user_name(geteuid()));
}

// The kernel says who sends: a record counts for a job of that user, and lines are those of that user's jobs or
// nothing.
TEST_F(JobLogTest, NobodySpeaksForAnother)
{
    if (geteuid() != 0) {
        GTEST_SKIP() << "needs root";
    }
    constexpr dcm::sys::Credentials nobody{65534, 65534};
    const std::string name = dcm::sys::user_name(nobody.uid);
    send(format_job_record(record(JobEvent::started)));
    ASSERT_EQ(in_child(nobody,
                       [&] {
                           send(format_job_record(record(JobEvent::ended, 0)));
                           send("[job-ab] verified\n");
                           send("dcm-start: error: out of memory\n");
                           send("[" + name + "/x] mine\n[job-ab] not mine\n");
                           send("[" + name + "/x] mine\n");
                           return 0;
                       }),
              0);
    log.work(notify);
    EXPECT_EQ(output.take(), "[" + name + "/x] mine\n");
    ASSERT_THAT(log.results(), SizeIs(2));
    EXPECT_EQ(log.results()[0].user, "root");
    EXPECT_EQ(log.results()[0].running, 1U);
    EXPECT_EQ(log.results()[0].runs, 0U);
    EXPECT_EQ(log.results()[1].user, name);
    EXPECT_EQ(log.results()[1].runs, 1U);
}

TEST_F(JobLogTest, NamesAFailedJobAndCountsIt)
{
    send(format_job_record(record(JobEvent::started)));
    send(format_job_record(record(JobEvent::ended, 3)));
    log.work(notify);
    ASSERT_FALSE(notices.empty());
    EXPECT_EQ(notices.back().level, Level::warning);
    EXPECT_EQ(notices.back().message, "job 'job-ab' of user root failed: exit status 3 after 2 s");
    const auto kept = dcm::sys::parse_job_results(*dcm::sys::read_file(directory.path() + "/run/jobs.json"));
    ASSERT_TRUE(kept);
    ASSERT_THAT(*kept, SizeIs(1));
    EXPECT_EQ(kept->at(0).status->exit_code(), 3);
    EXPECT_EQ(kept->at(0).running, 0U);
    EXPECT_EQ(kept->at(0).failures, 1U);
}

TEST_F(JobLogTest, KeepsABoundedNumberOfJobs)
{
    for (int i = 0; i < 1000; ++i) {
        auto one = record(JobEvent::started, 0, std::to_string(i));
        one.started_ms = i;
        send(format_job_record(one));
        log.work(notify);
    }
    EXPECT_THAT(log.results(), SizeIs(100));
    EXPECT_EQ(log.results().back().id, "999");
}

TEST_F(JobLogTest, AFullOutputMakesJobsWaitAndNothingIsLost)
{
    constexpr std::size_t k_lines = 20000;
    const std::string line = "[flood] " + std::string(100, 'x') + "\n";
    std::thread job([&] {
        for (std::size_t i = 0; i < k_lines; ++i) {
            dcm::sys::write_all(log.write_end(), line);
        }
    });
    // Nobody reads: soon there is nothing to do any more, though the job writes on.
    for (int quiet = 0; quiet < 100;) {
        quiet = ready() ? 0 : quiet + 1;
        log.work(notify);
        std::this_thread::yield();
    }
    std::string got;
    while (got.size() < k_lines * line.size()) {
        pollfd waiting = log.waits_for();
        got += output.take();
        poll(&waiting, 1, 10);
        log.work(notify);
    }
    job.join();
    EXPECT_EQ(got.size(), k_lines * line.size());
    for (std::size_t at = 0; at < got.size(); at += line.size()) {
        ASSERT_EQ(got.compare(at, line.size(), line), 0) << at;
    }
}

TEST_F(JobLogTest, LeavesOutWhatIsLongerThanAMessageMayBe)
{
    send("[a] " + std::string(dcm::sys::k_job_log_frame, 'y') + "\n");
    send("[a] next\n");
    log.work(notify);
    EXPECT_EQ(output.take(), "[a] next\n");
}

TEST_F(JobLogTest, DropsWhatNobodyCanRead)
{
    std::signal(SIGPIPE, SIG_IGN);
    output.read_end.reset();
    for (int i = 0; i < 10; ++i) {
        send("[a] " + std::string(4000, 'z') + "\n");
        log.work(notify);
    }
    EXPECT_FALSE(ready());
}

TEST(JobLog, AnUnwritableResultsFileIsSaidOnce)
{
    Pipe output;
    std::vector<std::string> said;
    JobLog log("/proc/none/jobs.json", output.write_end.get());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(dcm::sys::write_all(log.write_end(), format_job_record(record(JobEvent::started))));
        log.work([&said](const Notice& notice) {
            if (notice.level == Level::warning) {
                said.push_back(notice.message);
            }
        });
    }
    EXPECT_THAT(said, ElementsAre(HasSubstr("cannot write '/proc/none/jobs.json'")));
}
