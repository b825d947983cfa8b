// SPDX-License-Identifier: Apache-2.0
#include <dcm/cron/watch.hpp>

#include <gmock/gmock.h>

#include <unistd.h>

#include <filesystem>

#include <temp_dir.hpp>

using dcm::Notice;
using dcm::cron::LoadSettings;
using dcm::cron::Watch;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

// No cron takes part: a directory in the file's place, or zero bytes in it, is what `load` stumbles over.
class WatchTest : public ::testing::Test {
protected:
    std::vector<std::string> look(int times = 2)
    {
        said.clear();
        for (int i = 0; i < times; ++i) {
            watch.look();
        }
        return said;
    }

    TempDir directory;
    std::vector<std::string> said;
    dcm::Notify notify = [this](const Notice& notice) { said.push_back(notice.message); };
    LoadSettings settings = [this] {
        LoadSettings made;
        made.file = directory.write("crontab", std::string(1, '\0'));
        made.run_directory = directory.path("run");
        return made;
    }();
    Watch watch{settings, notify};
};

}  // namespace

TEST_F(WatchTest, SaysNothingWhileNothingChanges) { EXPECT_THAT(look(10), IsEmpty()); }

TEST_F(WatchTest, LoadsAnEditInPlaceOnceItIsComplete)
{
    directory.write("crontab", std::string(2, '\0'));
    EXPECT_THAT(look(1), IsEmpty()) << "it may be half written";
    directory.write("crontab", std::string(3, '\0'));
    EXPECT_THAT(look(1), IsEmpty());
    EXPECT_THAT(look(1), ElementsAre(HasSubstr("zero bytes")));
    EXPECT_THAT(look(5), IsEmpty()) << "said once";
}

TEST_F(WatchTest, SeesReplacementsAndChangedLinks)
{
    const auto other = directory.write("other", std::string(1, '\0'));
    std::filesystem::rename(other, settings.file);
    EXPECT_THAT(look(), SizeIs(1));
    std::filesystem::remove(settings.file);
    EXPECT_THAT(look(5), ElementsAre(HasSubstr("is gone; the jobs that are loaded stay")));
    const auto first = directory.write("first", std::string(1, '\0'));
    const auto second = directory.write("second", std::string(1, '\0'));
    std::filesystem::create_symlink(first, settings.file);
    EXPECT_THAT(look(), SizeIs(1));
    std::filesystem::create_symlink(second, directory.path("new"));
    std::filesystem::rename(directory.path("new"), settings.file);
    EXPECT_THAT(look(), SizeIs(1));
    EXPECT_THAT(look(5), IsEmpty());
}
