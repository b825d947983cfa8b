// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/schema.hpp>

#include <gtest/gtest.h>

#include "fake_session.hpp"

namespace {

using dcm::db::Cause;
using dcm::db::Row;

constexpr std::string_view k_wanted = "ae,pk\nae,aet\nstudy,pk\nstudy,study_iuid\nusers,user_id\n";

std::vector<Row> all()
{
    return {{"ae", "pk"}, {"ae", "aet"}, {"study", "pk"}, {"study", "study_iuid"}, {"users", "user_id"}};
}

TEST(Schema, CompleteWithWhatElseIsThere)
{
    auto columns = all();
    columns.push_back({"JBM_MSG", "MESSAGE_ID"});
    columns.push_back({"study", "added_by_the_site"});
    EXPECT_FALSE(dcm::db::compare_schema(k_wanted, columns, "pacsdb"));
    columns[1][1] = "AET";
    EXPECT_FALSE(dcm::db::compare_schema(k_wanted, columns, "pacsdb")) << "columns have no case";
}

TEST(Schema, AbsentSaysHowToLoadIt)
{
    const auto empty = dcm::db::compare_schema(k_wanted, {}, "pacsdb");
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->cause, Cause::schema_absent);
    EXPECT_EQ(empty->detail, "database 'pacsdb' is empty, the archive cannot work with it; load it with "
                             "/opt/dcm/maintenance/load-schema");
    const auto other = dcm::db::compare_schema(k_wanted, {{"wp_posts", "id"}}, "blog");
    ASSERT_TRUE(other);
    EXPECT_EQ(other->cause, Cause::schema_absent);
    EXPECT_NE(other->detail.find("'blog' holds none of the archive's tables"), std::string::npos);
}

TEST(Schema, PartialNamesTablesAndColumns)
{
    const auto table = dcm::db::compare_schema(k_wanted, {{"ae", "pk"}, {"ae", "aet"}}, "pacsdb");
    ASSERT_TRUE(table);
    EXPECT_EQ(table->cause, Cause::schema_partial);
    EXPECT_NE(table->detail.find("lacks 2 of the archive's tables (study, users); load it"), std::string::npos);
    auto columns = all();
    columns.erase(columns.begin() + 3);
    const auto column = dcm::db::compare_schema(k_wanted, columns, "pacsdb");
    ASSERT_TRUE(column);
    EXPECT_EQ(column->cause, Cause::schema_partial);
    EXPECT_NE(column->detail.find("lacks columns (study.study_iuid);"), std::string::npos);
}

TEST(Schema, AnOlderVersionIsNamedWithItsScripts)
{
    using dcm::db::first_update;
    EXPECT_EQ(first_update({}), std::nullopt);
    EXPECT_EQ(first_update({"published_study"}), 18);
    EXPECT_EQ(first_update({"published_study", "priv_instance.created_time", "ae.ae_group"}), 17);
    EXPECT_EQ(first_update({"published_study", "issuer", "content_item", "ae.ae_group", "study_on_fs.mark_to_delete"}),
              16);
    EXPECT_EQ(first_update({"ae.ae_group"}), std::nullopt) << "something was dropped";
    EXPECT_EQ(first_update({"published_study", "issuer"}), std::nullopt);
    EXPECT_EQ(first_update({"published_study", "media"}), 18);
    std::vector<Row> columns;
    for (const auto line : dcm::split(dcm::db::shipped_schema(), '\n')) {
        const auto comma = line.find(',');
        const std::string table(line.substr(0, comma));
        if (comma != std::string_view::npos && table != "published_study" && line != "ae,ae_group") {
            columns.push_back({table, std::string(line.substr(comma + 1))});
        }
    }
    const auto older = dcm::db::compare_schema(dcm::db::shipped_schema(), columns, "pacsdb");
    ASSERT_TRUE(older);
    EXPECT_EQ(older->cause, Cause::schema_partial);
    EXPECT_EQ(older->detail, "database 'pacsdb' is that of dcm4chee 2.16; make a backup, then run "
                             "sql/update-2.17.mysql and sql/update-2.18.mysql of the server's directory on it, in this "
                             "order");
}

TEST(Schema, ItIsTriedWhetherTheLoginMayWrite)
{
    FakeSession session;
    session.answers["SELECT EXISTS"] = {{{"1", "1", "0"}}, std::nullopt};
    EXPECT_FALSE(dcm::db::check_schema(session, "pacsdb"));
    std::vector<std::string> asked;
    for (const auto& [statement, bound] : session.asked) {
        asked.push_back(statement.substr(0, statement.find(' ')));
    }
    EXPECT_EQ(asked, (std::vector<std::string>{"SELECT", "REPLACE", "UPDATE"}));
    session.asked.clear();
    session.answers["UPDATE"] = {{}, dcm::db::Failure{Cause::read_only, 1290, "--read-only"}};
    EXPECT_EQ(dcm::db::check_schema(session, "pacsdb")->cause, Cause::read_only);
}

TEST(Schema, ALongListIsCutShort)
{
    const auto failure = dcm::db::compare_schema(dcm::db::shipped_schema(), {{"ae", "pk"}}, "pacsdb");
    ASSERT_TRUE(failure);
    EXPECT_NE(failure->detail.find("lacks 54 of the archive's tables (code, content_item, device, files, filesystem "
                                   "and 49 more)"),
              std::string::npos)
        << failure->detail;
}

TEST(Schema, FirstRowsCountOnlyWhileThereIsNoStudy)
{
    FakeSession session;
    session.answers["SELECT EXISTS"] = {{{"0", "1", "0"}}, std::nullopt};
    EXPECT_FALSE(dcm::db::check_schema(session, "pacsdb"));
    ASSERT_GE(session.asked.size(), 1U);
    EXPECT_NE(session.asked[0].first.find("EXISTS(SELECT `user_id`, `passwd` FROM `users` LIMIT 0)"),
              std::string::npos);
    session.answers["SELECT EXISTS"] = {{{"0", "0", "0"}}, std::nullopt};
    const auto unfinished = dcm::db::check_schema(session, "pacsdb");
    ASSERT_TRUE(unfinished);
    EXPECT_EQ(unfinished->cause, Cause::schema_partial);
    session.answers["SELECT EXISTS"] = {{{"1", "0", "0"}}, std::nullopt};
    EXPECT_FALSE(dcm::db::check_schema(session, "pacsdb"));
}

TEST(Schema, ReadsTheListsWhenTheServerDoesNotUnderstand)
{
    FakeSession session;
    session.answers["SELECT EXISTS"] = {{}, dcm::db::Failure{Cause::other, 1146, "no such table"}};
    session.answers["SELECT table_name"] = {{{"ae", "pk"}}, std::nullopt};
    EXPECT_EQ(dcm::db::check_schema(session, "pacsdb")->cause, Cause::schema_partial);
    session.answers["SELECT EXISTS"] = {{}, dcm::db::Failure{Cause::no_right, 1142, "denied"}};
    EXPECT_EQ(dcm::db::check_schema(session, "pacsdb")->cause, Cause::no_right) << "no table is missing";
    session.answers["SELECT EXISTS"] = {{}, dcm::db::Failure{Cause::not_ready, 2013, "lost"}};
    EXPECT_EQ(dcm::db::check_schema(session, "pacsdb")->cause, Cause::not_ready);
}

TEST(Schema, WhatElseTheServerMindsIsPassedOn)
{
    FakeSession session;
    session.answers["SELECT EXISTS"] = {{}, dcm::db::Failure{Cause::no_right, 1142, "SELECT command denied"}};
    auto& columns = session.answers["SELECT table_name"];
    for (const auto line : dcm::split(dcm::db::shipped_schema(), '\n')) {
        const auto comma = line.find(',');
        if (comma != std::string_view::npos) {
            columns.rows.push_back({std::string(line.substr(0, comma)), std::string(line.substr(comma + 1))});
        }
    }
    EXPECT_EQ(columns.rows.size(), 392U);
    EXPECT_EQ(dcm::db::check_schema(session, "pacsdb")->cause, Cause::no_right);
}

}  // namespace
