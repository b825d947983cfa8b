// SPDX-License-Identifier: Apache-2.0
#include <dcm/cron/hints.hpp>

#include <gmock/gmock.h>

#include <filesystem>

#include <temp_dir.hpp>

using dcm::cron::JobWorld;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

std::vector<std::string> hints(const std::string& table, const JobWorld& world = {"root", "/usr/bin:/bin", ""})
{
    std::vector<std::string> texts;
    for (const auto& hint : dcm::cron::hints(table, world)) {
        texts.push_back(std::to_string(hint.line) + ": " + hint.text);
    }
    return texts;
}

}  // namespace

TEST(Hints, SoundLinesGetNone)
{
    EXPECT_THAT(hints("# x\nMAILTO=a\n0 4 * * * find /x -delete > /proc/1/fd/1 2>&1\n* * * * * A=1 sh -c 'x'\n"
                      "*/5 * * * 1-5 [ -x /x ] && /x\n@reboot cd / && ls\n0 1 * * * date +\\%Y\n0 1 1 * * (ls; ls)\n"
                      "0 1 * * * /bin/ls;ls\n0 1 * * * $HOME/x\n@reboot echo x\n"),
                IsEmpty());
}

TEST(Hints, NameWhatIsMeantOtherwise)
{
    EXPECT_THAT(hints("* * * * * date +%Y\n"), ElementsAre(HasSubstr("1: the command ends at the first %")));
    EXPECT_THAT(hints("TZ=Asia/Tokyo\nCRON_TZ=UTC\n"),
                ElementsAre(HasSubstr("1: TZ does not move the schedule"), HasSubstr("2: CRON_TZ does not")));
    EXPECT_THAT(hints("TZ=UTC\n", {"root", "/bin", "UTC"}), IsEmpty());
    EXPECT_THAT(hints("0 4 * * * root /bin/ls\n"), ElementsAre(HasSubstr("six fields are for /etc/crontab: 'root'")));
    EXPECT_THAT(hints("0 4 * * * no-such-program -x\n"), ElementsAre(HasSubstr("'no-such-program' is not in PATH")));
    EXPECT_THAT(hints("PATH=/nowhere\n0 4 * * * ls\n"), ElementsAre(HasSubstr("2: 'ls' is not in PATH (/nowhere)")));
    EXPECT_THAT(hints("0 4 * * * /no/such/script\n"), ElementsAre(HasSubstr("there is no '/no/such/script' here")));
    EXPECT_THAT(hints("SHELL=bash\n"), ElementsAre(HasSubstr("there is no shell 'bash'")));
    EXPECT_THAT(hints("DCM_JOB_LOCK=yes\n"), ElementsAre(HasSubstr("DCM_JOB_LOCK is skip, wait or no")));
    EXPECT_THAT(hints("0 4 1 * 1 ls\n"), ElementsAre(HasSubstr("the job runs on either")));
    EXPECT_THAT(hints("0 4 30 2 * ls\n"), ElementsAre(HasSubstr("this day never comes")));
    EXPECT_THAT(hints("0 4 * * *\n"), ElementsAre(HasSubstr("there is no command")));
    EXPECT_THAT(hints("0 4 * * * ls > /proc/1/fd/1\n", {"nobody", "/bin", ""}), ElementsAre(HasSubstr("only root")));
}

TEST(Hints, KnowScriptsThatCannotBeRun)
{
    const TempDir directory;
    const auto script = directory.write("job.sh", "#!/bin/sh\r\necho x\r\n");
    EXPECT_THAT(hints("0 4 * * * " + script + " -x\n"), ElementsAre(HasSubstr("cannot be run; chmod +x it")));
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    EXPECT_THAT(hints("0 4 * * * " + script + " -x\n"), ElementsAre(HasSubstr("Windows line ends")));
    directory.write("job.sh", "#!/bin/sh\necho x\n");
    EXPECT_THAT(hints("0 4 * * * " + script + " -x\n"), IsEmpty());
}
