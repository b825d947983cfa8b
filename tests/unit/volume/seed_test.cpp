// SPDX-License-Identifier: Apache-2.0
// Random trees and edit histories against a model of the rules, and every single system call as the last one.
#include <dcm/sys/atomic_file.hpp>

#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <iostream>

#include "faults.hpp"
#include "history.hpp"

namespace {

TEST(Seed, FollowsTheModelAndBack)
{
    for (unsigned seed = 1; seed <= 400; ++seed) {
        Case c(seed);
        fs::create_directory(c.target);
        c.seed(c.old_image);
        ASSERT_EQ(read_tree(c.target), c.base) << seed;
        write_tree(c.target, c.site);
        c.seed(c.old_image);
        ASSERT_EQ(read_tree(c.target), c.site) << seed;
        c.seed(c.new_image);
        ASSERT_EQ(read_tree(c.target), model(c.base, c.image, c.site)) << seed << c.said;
        c.seed(c.old_image);
        ASSERT_EQ(read_tree(c.target), model(c.base, c.image, c.site)) << seed << ": older image";
        volume::rollback({c.new_image, c.target}, c.say);
        ASSERT_EQ(read_tree(c.target), c.site) << seed << ": rollback";
    }
}

// Every call that changes something as the last one of a process; then one run, and all is as if nothing had happened.
void kill_everywhere(unsigned seed, bool upgrade)
{
    Case c(seed, 12);
    const Paths before = upgrade ? c.site : Paths();
    const Paths after = upgrade ? model(c.base, c.image, c.site) : c.image;
    for (long call = 1;; ++call) {
        if (upgrade) {
            c.fresh_site();
        } else {
            fs::remove_all(c.target);
            fs::create_directory(c.target);
        }
        const pid_t child = fork();
        if (child == 0) {
            faults::arm(faults::Action::kill, call);
            c.seed(c.new_image);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        if (!WIFSIGNALED(status)) {
            ASSERT_EQ(status, 0);
            ASSERT_GT(call, 20);
            std::cout << "killed " << call - 1 << " times\n";
            return;
        }
        for (const auto& [path, what] : read_tree(c.target)) {
            ASSERT_TRUE(what == at(before, path) || what == at(after, path)) << "half-written, call " << call;
        }
        c.seed(c.new_image);
        ASSERT_EQ(read_tree(c.target), after) << "killed at call " << call << " of seed " << seed;
        ASSERT_FALSE(fs::exists(c.target + "/.dcm/tmp"));
        for (const auto& own : fs::directory_iterator(c.target + "/.dcm")) {
            ASSERT_FALSE(dcm::sys::is_temporary_name(own.path().filename().string())) << own << ", call " << call;
        }
        if (upgrade) {
            volume::rollback({c.new_image, c.target}, c.say);
            ASSERT_EQ(read_tree(c.target), before) << "rollback after call " << call << " of seed " << seed;
        }
    }
}

TEST(Seed, KilledAtEveryCallOfAFill)
{
    for (unsigned seed = 1; seed <= 8; ++seed) {
        ASSERT_NO_FATAL_FAILURE(kill_everywhere(seed, false));
    }
}

TEST(Seed, KilledAtEveryCallOfAnUpgrade)
{
    for (unsigned seed = 1; seed <= 8; ++seed) {
        ASSERT_NO_FATAL_FAILURE(kill_everywhere(seed, true));
    }
}

bool is_denied(int reason) { return reason == EACCES || reason == EPERM; }

// Every call fails once: the volume is as before or the next run completes it; and a complete one keeps working.
void fail_everywhere(unsigned seed, int reason)
{
    Case c(seed, 12);
    const Paths after = model(c.base, c.image, c.site);
    for (long call = 1;; ++call) {
        c.fresh_site();
        c.said.clear();
        faults::arm(faults::Action::fail, call, reason);
        std::string failure;
        try {
            c.seed(c.new_image);
        } catch (const dcm::Error& error) {
            failure = error.what();
        }
        const bool over = faults::count() < call;
        faults::disarm();
        const bool pending = fs::exists(c.target + "/.dcm/pending");
        const Paths now = read_tree(c.target);
        if (c.said.find("is skipped") != std::string::npos) {
            ASSERT_EQ(now, c.site) << "call " << call << ": " << c.said;
            ASSERT_FALSE(pending);
        } else {
            ASSERT_TRUE(!failure.empty() ? pending || now == after : now == after || is_denied(reason))
                << "call " << call << ": " << failure << c.said;
        }
        c.seed(c.new_image);
        if (!is_denied(reason)) {
            ASSERT_EQ(read_tree(c.target), after) << "call " << call;
        }
        if (over) {
            return;
        }
    }
}

// The same on an empty volume: what says that it is complete comes last, and the next run completes it.
void fail_everywhere_in_a_fill(unsigned seed, int reason)
{
    Case c(seed, 12);
    for (long call = 1;; ++call) {
        fs::remove_all(c.target);
        fs::create_directory(c.target);
        faults::arm(faults::Action::fail, call, reason);
        bool failed = false;
        try {
            c.seed(c.new_image);
        } catch (const dcm::Error&) {
            failed = true;
        }
        const bool over = faults::count() < call;
        faults::disarm();
        if (!failed || fs::exists(c.target + "/.dcm/marker")) {
            ASSERT_EQ(read_tree(c.target), c.image) << "call " << call;
        }
        c.seed(c.new_image);
        ASSERT_EQ(read_tree(c.target), c.image) << "call " << call;
        if (over) {
            return;
        }
    }
}

class EveryErrno : public ::testing::TestWithParam<int> {};

TEST_P(EveryErrno, AtEveryCall)
{
    for (unsigned seed = 1; seed <= 2; ++seed) {
        ASSERT_NO_FATAL_FAILURE(fail_everywhere(seed, GetParam()));
        ASSERT_NO_FATAL_FAILURE(fail_everywhere_in_a_fill(seed, GetParam()));
    }
}

INSTANTIATE_TEST_SUITE_P(Seed, EveryErrno, ::testing::Values(ENOSPC, EDQUOT, EIO, EACCES, EPERM, EROFS));

// Somebody writes to the template while it is copied, without changing any length: the volume gets the one or nothing.
void change_template_everywhere(bool upgrade)
{
    for (long call = 1;; ++call) {
        Case c(3, 12);
        c.image["conf-2"] = "f" + std::string(9000, 'a');
        write_tree(c.new_image, c.image);
        c.make_manifest(c.new_image, 2);
        fs::create_directory(c.target);
        if (upgrade) {
            c.seed(c.old_image);
        }
        faults::arm_hook(call, [&] { std::ofstream(c.new_image + "/conf-2") << std::string(9000, 'b'); });
        bool refused = false;
        try {
            c.seed(c.new_image);
        } catch (const dcm::Error& error) {
            refused = error.code() == dcm::ExitCode::data_error;
        }
        const bool over = faults::count() < call;
        faults::disarm();
        refused = refused || c.said.find("is not what its manifest says") != std::string::npos;
        const std::string now = at(read_tree(c.target), "conf-2");
        ASSERT_TRUE(refused ? now.empty() : now == c.image["conf-2"]) << "changed before call " << call << c.said;
        if (over) {
            ASSERT_FALSE(refused);
            return;
        }
    }
}

TEST(Seed, TemplateChangedWhileCopying)
{
    ASSERT_NO_FATAL_FAILURE(change_template_everywhere(false));
    ASSERT_NO_FATAL_FAILURE(change_template_everywhere(true));
}

TEST(Seed, FollowsTheModelOnANetworkShare)
{
    faults::pose_as_network_share(true);
    for (unsigned seed = 1; seed <= 60; ++seed) {
        Case c(seed);
        fs::create_directory(c.target);
        c.seed(c.old_image);
        ASSERT_EQ(read_tree(c.target), c.base) << seed;
        ASSERT_NE(c.said.find("can be locked on the file system"), std::string::npos) << c.said;
        write_tree(c.target, c.site);
        c.seed(c.new_image);
        ASSERT_EQ(read_tree(c.target), model(c.base, c.image, c.site)) << seed << c.said;
        volume::rollback({c.new_image, c.target}, c.say);
        ASSERT_EQ(read_tree(c.target), c.site) << seed << ": rollback";
    }
    faults::pose_as_network_share(false);
}

// Interrupted, and before the next run a directory moves to another disk and a link takes its place: what is there is
// the site's.
TEST(Seed, FinishesNothingThroughALink)
{
    Case c(1, 0);
    c.site = c.base;
    c.image = {{"conf", "d"}, {"conf/a", "f2"}, {"conf/b", "f3"}, {"conf-2", "fversion"}};
    write_tree(c.new_image, c.image);
    c.make_manifest(c.new_image, 2);
    const std::string elsewhere = c.dir.path("elsewhere");
    for (long call = 1;; ++call) {
        c.fresh_site();
        fs::remove_all(elsewhere);
        const pid_t child = fork();
        if (child == 0) {
            faults::arm(faults::Action::kill, call);
            c.seed(c.new_image);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        fs::rename(c.target + "/conf", elsewhere);
        fs::create_directory_symlink(elsewhere, c.target + "/conf");
        const Paths before = read_tree(elsewhere);
        c.seed(c.new_image);
        ASSERT_EQ(read_tree(elsewhere), before) << "killed at call " << call;
        ASSERT_FALSE(fs::exists(c.target + "/.dcm/pending"));
        if (!WIFSIGNALED(status)) {
            ASSERT_GT(call, 20);
            return;
        }
    }
}

}  // namespace
