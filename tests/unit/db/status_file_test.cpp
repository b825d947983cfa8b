// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/status_file.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "temp_dir.hpp"

namespace {

using dcm::db::State;
using dcm::db::StatusFile;

TEST(StatusFile, ShapeIsFixed)
{
    EXPECT_EQ(dcm::db::format_status({State::failed, "access_denied", "a\n\"b\"", {"w1", "w2"}}, "T"),
              "{\"time\":\"T\",\"state\":\"failed\",\"cause\":\"access_denied\",\"message\":\"a\\n\\\"b\\\"\","
              "\"warnings\":[\"w1\",\"w2\"]}\n");
    EXPECT_EQ(dcm::db::format_status({State::up, {}, {}, {}}, "T"),
              "{\"time\":\"T\",\"state\":\"up\",\"cause\":\"\",\"message\":\"\",\"warnings\":[]}\n");
    EXPECT_NO_THROW(dcm::db::format_status({State::up, {}, "\xff", {}}, "T"));
}

TEST(StatusFile, ReplacedWholeItsDirectoryMade)
{
    const TempDir directory;
    StatusFile file(directory.path("run/db.json"), [](const dcm::Notice& notice) { FAIL() << notice.message; });
    file.write({State::waiting, "refused", "m", {}});
    EXPECT_EQ(nlohmann::json::parse(directory.read("run/db.json"))["cause"], "refused");
    file.write({State::up, {}, {}, {}});
    EXPECT_EQ(nlohmann::json::parse(directory.read("run/db.json"))["state"], "up");
}

TEST(StatusFile, AFailureIsSaidOnceAndStopsNothing)
{
    const TempDir directory;
    directory.write("file", "");
    std::vector<std::string> said;
    StatusFile file(directory.path("file/db.json"), [&](const dcm::Notice& n) { said.push_back(n.message); });
    file.write({State::up, {}, {}, {}});
    file.write({State::up, {}, {}, {}});
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].find("cannot write '" + directory.path("file/db.json") + "': not a directory, ignoring"),
              std::string::npos);
    StatusFile nowhere("", [](const dcm::Notice& notice) { FAIL() << notice.message; });
    nowhere.write({State::up, {}, {}, {}});
}

}  // namespace
