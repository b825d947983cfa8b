// SPDX-License-Identifier: Apache-2.0
// The journal, its own and that of version 1, and whom a `.dcm` is believed.
#include <dcm/core/error.hpp>
#include <dcm/volume/apply.hpp>
#include <dcm/volume/journal.hpp>
#include <dcm/volume/own.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "faults.hpp"
#include <temp_dir.hpp>

namespace {

using namespace dcm::volume;

TEST(Journal, RoundTrip)
{
    Journal journal{"dcm4chee", Change::upgrade, "previous", {}};
    journal.moves.push_back({Act::put, Over::set_aside, Type::file, 7, 0644, 12, -5, "a b\n%"});
    journal.moves.push_back({Act::put, Over::nothing, Type::link, 8, 0777, 0, 0, ".dcm/new/x"});
    journal.moves.push_back({Act::drop, Over::nothing, Type::directory, std::nullopt, 0755, 0, 0, "d"});
    journal.moves.push_back({Act::set_aside, Over::nothing, Type::file, std::nullopt, 0600, 1, 2, "f"});
    const std::string text = format_journal(journal);
    EXPECT_EQ(format_journal(parse_journal(text, "j")), text);
    EXPECT_EQ(parse_journal(text, "j").moves[0].mtime, -5);
}

TEST(Journal, RefusesWhatItDoesNotWrite)
{
    const std::string head = "dcm-journal 2\nproduct p\nchange fill\naside replaced\n";
    const std::string good = "put\t-\tfile\t1\t420\t0\t0\tx\n";
    EXPECT_NO_THROW(parse_journal(head + good + "end\n", "j"));
    for (const std::string bad :
         {"put\t-\tfile\t1\t420\t0\t0\t../x\n", "put\t-\tfile\t1\t420\t0\t0\t.dcm/marker\n",
          "put\t-\tfile\t1\t420\t0\t0\t.dcm/new/../x\n", "aside\t-\tfile\t-\t420\t0\t0\t.dcm/new/x\n",
          "put\t-\tfile\t-\t420\t0\t0\tx\n", "drop\t-\tfile\t1\t420\t0\t0\tx\n", "drop\taside\tfile\t-\t420\t0\t0\tx\n",
          "fly\t-\tfile\t1\t420\t0\t0\tx\n", "put\t-\tfile\t1\t9999\t0\t0\tx\n", "put\t-\tfile\t1\t420\t0\t0\t/x\n",
          "put\t-\tfile\t1\t420\t0\t0\t\n", "put\t-\tfile\t1/../../2\t420\t0\t0\tx\n"}) {
        EXPECT_THROW(parse_journal(head + bad + "end\n", "j"), dcm::Error) << bad;
    }
    for (const std::string& bad :
         {std::string(), std::string("end\n"), head, head + good, head + "end", std::string("dcm-journal 3\n") + head,
          std::string("dcm-journal 2\nproduct p\nchange fill\naside ../x\nend\n"),
          std::string("dcm-journal 2\nproduct p\nchange melt\naside previous\nend\n")}) {
        EXPECT_THROW(parse_journal(bad, "j"), dcm::Error) << bad;
    }
}

// A change that version 1 began, with what it took out for the sake of hardening.
TEST(Journal, OfVersionOneInTheActsOfThisOne)
{
    const std::string text = "dcm-journal 1\nproduct p\nchange upgrade\n"
                             "add\tfile\t0\t420\t0\t0\ta\n"
                             "replace\tfile\t1\t420\t3\t4\tb\n"
                             "remove\tfile\t2\t420\t3\t4\tc\n"
                             "mode\tfile\t3\t493\t3\t4\td\n"
                             "offer\tfile\t4\t420\t3\t4\te\n"
                             "withdraw\tfile\t5\t420\t0\t0\tf\n"
                             "take-out\tdirectory\t6\t493\t0\t0\tdeploy/http-invoker.sar\n"
                             "stand-in\tdirectory\t7\t493\t0\t0\tROOT.war\n"
                             "bring-back\tdirectory\t8\t493\t0\t0\tg\n"
                             "set-aside\tdirectory\t9\t493\t0\t0\th\n"
                             "end\n";
    EXPECT_EQ(format_journal(parse_journal(text, "j")), "dcm-journal 2\nproduct p\nchange upgrade\naside hardened\n"
                                                        "put\t-\tfile\t0\t420\t0\t0\ta\n"
                                                        "put\tdrop\tfile\t1\t420\t3\t4\tb\n"
                                                        "drop\t-\tfile\t-\t420\t3\t4\tc\n"
                                                        "mode\t-\tfile\t-\t493\t3\t4\td\n"
                                                        "put\t-\tfile\t4\t420\t3\t4\t.dcm/new/e\n"
                                                        "drop\t-\tfile\t-\t420\t0\t0\t.dcm/new/f\n"
                                                        "aside\t-\tdirectory\t-\t493\t0\t0\tdeploy/http-invoker.sar\n"
                                                        "put\taside\tdirectory\t7\t493\t0\t0\tROOT.war\n"
                                                        "end\n");
    for (const std::string change : {"harden", "restore"}) {
        EXPECT_EQ(parse_journal("dcm-journal 1\nproduct p\nchange " + change + "\nend\n", "j").change, Change::single);
    }
    EXPECT_THROW(parse_journal("dcm-journal 1\nproduct p\nchange fill\nput\tfile\t0\t420\t0\t0\ta\nend\n", "j"),
                 dcm::Error);
}

// Killed at any moment of it, what the site had is in the end beside, and its stand-in in its place.
TEST(Journal, OfVersionOneHalfDone)
{
    const dcm::Notify ignore = [](const dcm::Notice&) {};
    for (const auto* const done : {"nothing", "taken out", "put"}) {
        const TempDir dir;
        const std::string at = done;
        dir.write(at == "nothing" ? "ROOT.war/page" : ".dcm/hardened/ROOT.war/page", "the site's");
        dir.write(at == "put" ? "ROOT.war/page" : ".dcm/tmp/7/page", "stand-in");
        dir.write(at == "nothing" ? "x.sar/page" : ".dcm/hardened/x.sar/page", "the site's");
        dir.write(".dcm/pending", "dcm-journal 1\nproduct p\nchange harden\n"
                                  "stand-in\tdirectory\t7\t493\t0\t0\tROOT.war\n"
                                  "take-out\tdirectory\t8\t493\t0\t0\tx.sar\nend\n");
        for (int again = 0; again < 2; ++again) {
            finish_pending(Tree(dir.path()), "p", ignore);
        }
        EXPECT_EQ(dir.read("ROOT.war/page"), "stand-in") << at;
        EXPECT_EQ(dir.read(".dcm/hardened/ROOT.war/page"), "the site's") << at;
        EXPECT_EQ(dir.read(".dcm/hardened/x.sar/page"), "the site's") << at;
        EXPECT_FALSE(std::filesystem::exists(dir.path("x.sar"))) << at;
    }
}

TEST(Journal, OfVersionOneNeverClearsWhatItTookOut)
{
    const TempDir dir;
    dir.write(".dcm/hardened/x.sar/page", "the site's");
    dir.write("x.sar/page", "anew");
    dir.write(".dcm/pending", "dcm-journal 1\nproduct p\nchange harden\n"
                              "take-out\tdirectory\t8\t493\t0\t0\tx.sar\nend\n");
    finish_pending(Tree(dir.path()), "p", [](const dcm::Notice&) {});
    EXPECT_EQ(dir.read(".dcm/hardened/x.sar/page"), "the site's");
    EXPECT_EQ(dir.read("x.sar/page"), "anew");
}

TEST(RunAsRecord, IsParsedStrictly)
{
    for (const std::string good : {"11112:11112 seeded\n", "0:0 settled\n", "0:0 settled files\n"}) {
        const auto record = parse_run_as(good);
        ASSERT_TRUE(record) << good;
        EXPECT_EQ(format_run_as(*record), good);
    }
    for (const std::string bad : {"", "\n", "0:0\n", "0:0 file access\n", "0:0 settled", "0 settled\n",
                                  "0:0 settled\n\n", " 0:0 settled\n", "0:0  settled\n", "0:0 settled files \n",
                                  "00:0 settled\n", "-1:0 settled\n", "0:0 Settled\n", "11114:11114 settled\n"}) {
        EXPECT_FALSE(parse_run_as(bad)) << bad;
    }
}

class OwnTest : public ::testing::Test {
protected:
    void SetUp() override
    {
        if (geteuid() != 0) {
            GTEST_SKIP() << "owners are given by root";
        }
    }

    void make_own(uid_t owner, mode_t mode) const
    {
        std::filesystem::create_directory(dir.path(".dcm"));
        ASSERT_EQ(chmod(dir.path(".dcm").c_str(), mode), 0);
        ASSERT_EQ(chown(dir.path(".dcm").c_str(), owner, owner), 0);
    }

    TempDir dir;
    Tree volume{dir.path()};
    const std::string probe = ".dcm-owner-" + std::to_string(getpid());
};

// Where it cannot be known whether owners are kept, `.dcm` is neither distrusted nor moved; who only looks makes
// nothing to know it.
TEST_F(OwnTest, IsNotDistrustedWhereOwnersCannotBeTried)
{
    make_own(11112, 0700);
    dir.write(".dcm/run-as", "1000:1000 seeded\n");
    faults::arm(faults::Action::none, 0);
    EXPECT_EQ(trust_of(volume), Trust::unowned);
    EXPECT_FALSE(read_run_as(volume));
    EXPECT_EQ(faults::count(), 0);
    for (const int reason : {ENOSPC, EDQUOT, EROFS}) {
        faults::arm(faults::Action::fail, 1, reason);
        EXPECT_EQ(trust_of(volume, Probe::yes), Trust::unowned);
    }
    faults::disarm();
    std::filesystem::create_directory(dir.path(probe));
    EXPECT_EQ(trust_of(volume, Probe::yes), Trust::foreign);
    EXPECT_FALSE(std::filesystem::exists(dir.path(probe)));
}

TEST_F(OwnTest, IsBelievedByItsOwnerAlone)
{
    EXPECT_EQ(trust_of(volume), Trust::none);
    make_own(0, 0700);
    EXPECT_EQ(trust_of(volume), Trust::ours);
    make_own(0, 0755);
    EXPECT_EQ(trust_of(volume), Trust::open);
    make_own(k_keeper, 0700);
    EXPECT_EQ(trust_of(volume), Trust::ours);
    make_own(11112, 0700);
    EXPECT_EQ(trust_of(volume, Probe::yes), Trust::foreign);
    EXPECT_FALSE(std::filesystem::exists(dir.path(probe)));
    std::filesystem::remove(dir.path(".dcm"));
    std::filesystem::create_directory_symlink("/", dir.path(".dcm"));
    EXPECT_EQ(trust_of(volume), Trust::foreign);
}

// Root by a record alone: only where no server, of whatever uid, can have written it.
TEST_F(OwnTest, NeverSaysRootWhereAServerCouldHaveWrittenIt)
{
    dir.write(".dcm/run-as", "0:0 settled files\n");
    make_own(0, 0755);
    EXPECT_FALSE(read_run_as(volume));
    make_own(0, 0700);
    EXPECT_FALSE(read_run_as(volume));
    make_own(11112, 0700);
    EXPECT_FALSE(read_run_as(volume, Probe::yes));
    make_own(k_keeper, 0755);
    EXPECT_FALSE(read_run_as(volume));
    make_own(k_keeper, 0700);
    EXPECT_TRUE(read_run_as(volume)->has_file_access);
    dir.write(".dcm/run-as", "1000:1000 seeded\n");
    make_own(0, 0700);
    EXPECT_EQ(read_run_as(volume)->user.uid, 1000U);
}

TEST_F(OwnTest, ProtectsBothWays)
{
    const auto owners = [&] {
        const Found root = volume.see(".");
        const Found own = volume.see(".dcm");
        return std::to_string(root.owner.uid) + ":" + std::to_string(root.owner.gid) + " " + std::to_string(root.mode) +
               " " + std::to_string(own.owner.uid) + " " + std::to_string(own.mode);
    };
    write_run_as(volume, {{1000, 100}, false, false});
    EXPECT_EQ(trust_of(volume), Trust::none);  // there is nothing to write it to
    protect(volume, {1000, 100});
    EXPECT_EQ(owners(), "0:100 1016 0 448");
    write_run_as(volume, {{0, 0}, true, false});
    EXPECT_EQ(owners(), "11114:0 1016 11114 448");
    EXPECT_EQ(read_run_as(volume)->user.uid, 0U);
    write_run_as(volume, {{1000, 100}, true, false});
    EXPECT_EQ(owners(), "0:100 1016 0 448");
}

TEST_F(OwnTest, LeavesTheRootDirectoryAsOpenToOthersAsItWas)
{
    for (const auto& [before, after] : std::map<mode_t, mode_t>{
             {0700, 01770}, {0750, 01770}, {02770, 01770}, {0755, 01775}, {0777, 01775}, {0711, 01771}}) {
        ASSERT_EQ(chmod(dir.path().c_str(), before), 0);
        protect(volume, {1000, 100});
        EXPECT_EQ(volume.see(".").mode, after) << std::oct << before;
        EXPECT_TRUE(is_kept_out(volume));
        ASSERT_EQ(chmod(dir.path().c_str(), before), 0);
        EXPECT_FALSE(is_kept_out(volume));
    }
}

// An earlier version took its owner from `conf` whatever the root directory was.
TEST_F(OwnTest, IsOfWhoHasConf)
{
    std::filesystem::create_directory(dir.path("conf"));
    ASSERT_EQ(chown(dir.path("conf").c_str(), 11112, 11112), 0);
    for (const mode_t mode : {0755U, 02775U, 01775U}) {
        ASSERT_EQ(chmod(dir.path().c_str(), mode), 0);
        EXPECT_EQ(owner_by_root(volume, false).uid, 11112U);
        EXPECT_EQ(owner_by_root(volume, false).gid, 11112U);
    }
    ASSERT_EQ(chown(dir.path("conf").c_str(), 0, 0), 0);
    EXPECT_EQ(owner_by_root(volume, false).uid, 0U);
}

TEST_F(OwnTest, AFilledVolumeThatLostItIsNeverRoots)
{
    ASSERT_EQ(chown(dir.path().c_str(), 0, 11112), 0);
    ASSERT_EQ(chmod(dir.path().c_str(), 01775), 0);
    EXPECT_EQ(owner_by_root(volume, false).uid, 11112U);
    std::filesystem::create_directory(dir.path("conf"));
    ASSERT_EQ(chown(dir.path("conf").c_str(), 1000, 1000), 0);
    EXPECT_EQ(owner_by_root(volume, false).uid, 1000U);
    EXPECT_EQ(owner_by_root(volume, false).gid, 11112U);
    std::filesystem::remove(dir.path("conf"));
    std::filesystem::create_directory_symlink("/root", dir.path("conf"));
    EXPECT_EQ(owner_by_root(volume, false).uid, 11112U);
    ASSERT_EQ(chown(dir.path().c_str(), 500, 11112), 0);
    EXPECT_EQ(owner_by_root(volume, false).uid, 500U);
    ASSERT_EQ(chown(dir.path().c_str(), 0, 0), 0);
    EXPECT_EQ(owner_by_root(volume, false).uid, 0U);
}

TEST_F(OwnTest, WhatIsNoFileOfOursInItIsRemoved)
{
    make_own(0, 0755);
    std::filesystem::create_symlink("/etc/passwd", dir.path(".dcm/marker"));
    std::filesystem::create_directory_symlink("/etc", dir.path(".dcm/new"));
    ASSERT_EQ(mkfifo(dir.path(".dcm/lock").c_str(), 0644), 0);
    dir.write(".dcm/manifest", "x");
    dir.write(".dcm/undo/x", "no file of ours");
    dir.write(".dcm/of-another-command/x", "stays");
    std::filesystem::create_directory_symlink("/etc", dir.path(".dcm/of-nobody"));
    auto removed = protect(volume, {1000, 1000});
    std::sort(removed.begin(), removed.end());
    EXPECT_EQ(removed, (std::vector<std::string>{"lock", "marker", "new", "of-nobody", "undo"}));
    EXPECT_EQ(volume.see(".dcm/manifest").mode, 0600U);
    EXPECT_TRUE(std::filesystem::exists(dir.path(".dcm/of-another-command/x")));
}

TEST_F(OwnTest, WhatAWriterLeftThatWasKilledIsRemoved)
{
    make_own(0, 0700);
    dir.write(".dcm/.marker.dcm-17", "half");
    // as dcm-configure-db gives it to who has the datasource file
    dir.write(".dcm/.pacs-mysql-ds.xml.dcm-17", "half");
    ASSERT_EQ(chown(dir.path(".dcm/.pacs-mysql-ds.xml.dcm-17").c_str(), 1000, 1000), 0);
    const std::set<std::string> stays{"marker", ".dcm-17", ".marker.dcm-", ".marker.dcm-1x", "marker.dcm-17"};
    for (const auto& name : stays) {
        dir.write(".dcm/" + name, "stays");
    }
    dir.write(".dcm/.directory.dcm-17/x", "stays");
    remove_leftovers(volume);
    std::set<std::string> names;
    for (const auto& own : std::filesystem::directory_iterator(dir.path(".dcm"))) {
        names.insert(own.path().filename().string());
    }
    EXPECT_EQ(names.erase(".directory.dcm-17"), 1U);
    EXPECT_EQ(names, stays);
}

}  // namespace
