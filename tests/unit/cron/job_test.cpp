// SPDX-License-Identifier: Apache-2.0
#include <dcm/cron/environment.hpp>
#include <dcm/cron/job_name.hpp>
#include <dcm/cron/job_output.hpp>
#include <dcm/sys/fd.hpp>

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include <temp_dir.hpp>

using namespace dcm::cron;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

TEST(Environment, IsPublishedInTwoFilesAndReadBack)
{
    const TempDir directory;
    const std::string run = directory.path("run");
    EXPECT_FALSE(is_environment_published(run));
    publish_environment({"A=1\n2", "MYSQL_PASSWORD=x", "HOME=/root", "SHELL=/bin/sh", "E="}, run);
    EXPECT_TRUE(is_environment_published(run));
    struct stat status {};
    ASSERT_EQ(stat((run + "/env").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    ASSERT_EQ(stat((run + "/env.public").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0644U);
    EXPECT_THAT(read_environment(run), ElementsAre("A=1\n2", "MYSQL_PASSWORD=x", "E="));
    EXPECT_THAT(parse_environment(directory.read("run/env.public")), ElementsAre("A=1\n2", "E="));
    EXPECT_THAT(read_environment(directory.path("nothing")), ElementsAre());
}

TEST(Environment, WhatIsNoEntryIsLeftOut)
{
    EXPECT_THAT(parse_environment(std::string_view("A=1\0nothing\0=x\0\0B=\0C", 21)), ElementsAre("A=1", "B="));
}

TEST(Environment, OfAJobIsTheContainersUnderWhatCronGives)
{
    EXPECT_THAT(
        job_environment({"A=1", "PATH=/opt/bin", "HOME=/x"}, {"A=2", "PATH=container", "HOME=/root"}, "/bin/sh"),
        UnorderedElementsAre("A=2", "PATH=/opt/bin", "HOME=/root", "SHELL=/bin/sh"));
    EXPECT_THAT(job_environment({"PATH=/opt/bin"}, {"PATH=/usr/bin:/bin", "SHELL=/x/dcm-job-shell"}, "/bin/sh"),
                UnorderedElementsAre("PATH=/usr/bin:/bin", "SHELL=/bin/sh"));
    EXPECT_THAT(
        job_environment({}, {"PATH=container"}, "/bin/sh"),
        UnorderedElementsAre("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "SHELL=/bin/sh"));
}

TEST(JobName, IsTheFirstWordWithoutItsDirectory)
{
    EXPECT_EQ(job_name("/opt/dcm/maintenance/backup-db --all >/x 2>&1"), "backup-db");
    EXPECT_EQ(job_name(" pkill\t-15 java"), "pkill");
    EXPECT_EQ(job_name("cd /var/tmp && ./report.sh"), "cd");
    EXPECT_EQ(job_name("$(which x) y"), "__which");
    EXPECT_EQ(job_name(""), "job");
    EXPECT_EQ(job_name("/bin/"), "job");
    EXPECT_EQ(job_name("año"), "a__o");
    EXPECT_EQ(job_name(std::string(100, 'x')), std::string(24, 'x'));
    EXPECT_EQ(job_id("a").size(), 12U);
    EXPECT_NE(job_id("a"), job_id("b"));
}

TEST(JobOutput, PrefixesWholeLines)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    const dcm::sys::Fd in(ends[0]);
    const dcm::sys::Fd out(ends[1]);
    const auto take = [&in] {
        std::string text(100000, '\0');
        const auto got = read(in.get(), text.data(), text.size());
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    };
    JobOutput output(out.get(), "[n] ");
    output.feed("one\ntwo\nthr");
    EXPECT_EQ(take(), "[n] one\n[n] two\n");
    output.feed("ee\n\n");
    EXPECT_EQ(take(), "[n] three\n[n] \n");
    output.feed("last");
    output.finish();
    output.finish();
    EXPECT_EQ(take(), "[n] last\n");
    const std::size_t room = dcm::sys::k_job_log_frame - 5;
    output.feed(std::string(room, 'x'));
    output.feed("\n");
    EXPECT_EQ(take(), "[n] " + std::string(room, 'x') + "\n") << "a line that just fits stays one";
    output.feed(std::string(room + 1, 'y') + "\n");
    EXPECT_EQ(take(), "[n] " + std::string(room, 'y') + "\n[n] y\n");
}
