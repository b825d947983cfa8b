// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/process_table.hpp>

#include <gmock/gmock.h>

#include <unistd.h>

#include <algorithm>

using dcm::archive::descendants_of;
using dcm::archive::parse_stat;
using dcm::archive::Process;
using dcm::archive::read_processes;

TEST(ProcessTable, ReadsANameThatLooksLikeTheRest)
{
    const auto process = parse_stat("42 (a) R 1 (x) S 7 8 9 0 -1 4194560");
    ASSERT_TRUE(process);
    EXPECT_EQ(process->pid, 42);
    EXPECT_EQ(process->name, "a) R 1 (x");
    EXPECT_EQ(process->state, 'S');
    EXPECT_EQ(process->parent, 7);
    EXPECT_EQ(process->session, 9);
}

TEST(ProcessTable, RefusesWhatIsCutOff)
{
    EXPECT_FALSE(parse_stat(""));
    EXPECT_FALSE(parse_stat("42 (a"));
    EXPECT_FALSE(parse_stat("42 (a) "));
    EXPECT_FALSE(parse_stat("42 (a) S 1 2"));
    EXPECT_FALSE(parse_stat(") ("));
}

TEST(ProcessTable, FindsThisProcess)
{
    const auto all = read_processes();
    const auto self = std::find_if(all.begin(), all.end(), [](const Process& p) { return p.pid == getpid(); });
    ASSERT_NE(self, all.end());
    EXPECT_EQ(self->parent, getppid());
    EXPECT_EQ(self->session, getsid(0));
}

TEST(ProcessTable, FollowsParents)
{
    const auto process = [](pid_t pid, pid_t parent) { return Process{pid, parent, 1, 'S', "x"}; };
    std::vector<pid_t> pids;
    for (const auto& found :
         descendants_of(5, {process(9, 7), process(5, 1), process(7, 5), process(8, 1), process(6, 5)})) {
        pids.push_back(found.pid);
    }
    EXPECT_THAT(pids, ::testing::ElementsAre(7, 6, 9));
}

TEST(ProcessTable, OfTheServerAreNotThoseOfCron)
{
    const auto process = [](pid_t pid, pid_t parent) {
        dcm::archive::Process made;
        made.pid = pid;
        made.parent = parent;
        return made;
    };
    // 1 dcm-start, 2 the server, 3 cron; 6 came in by the engine
    const std::vector<dcm::archive::Process> all{process(1, 0), process(2, 1), process(3, 1),
                                                 process(4, 2), process(5, 3), process(6, 0)};
    EXPECT_TRUE(dcm::archive::is_below(2, 1, 3, all));
    EXPECT_TRUE(dcm::archive::is_below(4, 1, 3, all));
    EXPECT_TRUE(dcm::archive::is_below(5, 1, 0, all));
    EXPECT_FALSE(dcm::archive::is_below(3, 1, 3, all));
    EXPECT_FALSE(dcm::archive::is_below(5, 1, 3, all));
    EXPECT_FALSE(dcm::archive::is_below(6, 1, 3, all));
}
