// SPDX-License-Identifier: Apache-2.0
#include <dcm/sys/job_record.hpp>

#include <gmock/gmock.h>

#include <chrono>

using namespace std::chrono_literals;
using dcm::sys::ExitStatus;
using dcm::sys::format_job_record;
using dcm::sys::format_job_results;
using dcm::sys::JobEvent;
using dcm::sys::JobRecord;
using dcm::sys::JobResult;
using dcm::sys::parse_job_record;
using dcm::sys::parse_job_results;

namespace {

JobRecord sample()
{
    return {JobEvent::ended, "0a1b2c3d4e5f", "backup-db", 1764057600123, 2500ms, ExitStatus::killed(9)};
}

}  // namespace

TEST(JobRecord, ComesBackAsItWent)
{
    const std::string line = format_job_record(sample());
    const auto back = parse_job_record(line);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->name, "backup-db");
    EXPECT_EQ(back->duration, 2500ms);
    EXPECT_EQ(back->status.signal(), 9);
    EXPECT_EQ(format_job_record(*back), line);
}

TEST(JobRecord, LinesOfOtherUsersSayWhose)
{
    EXPECT_EQ(dcm::sys::job_prefix("root", "x"), "[x] ");
    EXPECT_EQ(dcm::sys::job_prefix("nobody", "x"), "[nobody/x] ");
    EXPECT_EQ(dcm::sys::user_name(0), "root");
    EXPECT_EQ(dcm::sys::user_name(4294967294), "uid-4294967294");
}

TEST(JobRecord, RefusesWhatItWouldNotWrite)
{
    const std::string good = "\x01"
                             "ended\tab\tn\t2\t3\texit\t0";
    EXPECT_TRUE(parse_job_record(good));
    for (const char* bad : {"", "\x01", "ended\tab\tn\t2\t3\texit\t0",
                            "\x01"
                            "gone\tab\tn\t2\t3\texit\t0",
                            "\x01"
                            "ended\t\tn\t2\t3\texit\t0",
                            "\x01"
                            "ended\tXY\tn\t2\t3\texit\t0",
                            "\x01"
                            "ended\tab\tn o\t2\t3\texit\t0",
                            "\x01"
                            "ended\tab\tn\x1b\t2\t3\texit\t0",
                            "\x01"
                            "ended\tab\tn\t-2\t3\texit\t0",
                            "\x01"
                            "ended\tab\tn\t2\t3\texit\t256",
                            "\x01"
                            "ended\tab\tn\t2\t3\tsignal\t99",
                            "\x01"
                            "ended\tab\tn\t2\t3\texit\t0\tx",
                            "\x01"
                            "ended\tab\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\t2\t3\texit\t0"}) {
        EXPECT_FALSE(parse_job_record(bad)) << bad;
    }
}

TEST(JobResults, ComeBackAsTheyWent)
{
    JobResult never;
    never.id = "ab";
    never.name = "x";
    never.user = "root";
    JobResult failed = never;
    failed.status = ExitStatus::exited(3);
    failed.duration = 12ms;
    failed.runs = 7;
    failed.failures = 1;
    const std::string text = format_job_results({never, failed});
    const auto back = parse_job_results(text);
    ASSERT_TRUE(back);
    EXPECT_EQ(format_job_results(*back), text);
    EXPECT_FALSE(back->at(0).status);
    EXPECT_EQ(back->at(1).status->exit_code(), 3);
    for (const char* bad : {"", "{}", "[]", R"({"jobs":[{}]})", R"({"jobs":[{"id":1}]})", "{\"jobs\":"}) {
        EXPECT_FALSE(parse_job_results(bad)) << bad;
    }
}
