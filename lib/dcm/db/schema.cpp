// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/schema.hpp>

#include <algorithm>
#include <cctype>
#include <set>

namespace dcm::db {

namespace {

constexpr const char* k_remedy = "; load it with /opt/dcm/maintenance/load-schema";

// Servers keep the names of columns as they were written and compare them without case.
std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

// "a, b, c and 7 more".
std::string listed(const std::vector<std::string>& names)
{
    constexpr std::size_t most = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
        text += (i == 0 ? "" : ", ") + names[i];
    }
    return names.size() > most ? text + " and " + std::to_string(names.size() - most) + " more" : text;
}

struct Missing {
    std::vector<std::string> tables;
    std::vector<std::string> columns;  // TABLE.COLUMN, of tables that are there
    bool all = true;                   // not one table is there
};

Missing missing_in(std::string_view wanted, const std::vector<Row>& columns)
{
    std::set<std::string> tables;
    std::set<std::string> found;
    for (const auto& row : columns) {
        tables.insert(row.at(0));
        found.insert(row.at(0) + "," + lower(row.at(1)));
    }
    Missing missing;
    for (const auto line : split(wanted, '\n')) {
        const auto comma = line.find(',');
        if (comma == std::string_view::npos) {
            continue;
        }
        std::string table(line.substr(0, comma));
        if (tables.count(table) == 0) {
            if (missing.tables.empty() || missing.tables.back() != table) {
                missing.tables.push_back(std::move(table));
            }
            continue;
        }
        missing.all = false;
        if (found.count(std::string(line)) == 0) {
            missing.columns.push_back(table + "." + std::string(line.substr(comma + 1)));
        }
    }
    return missing;
}

}  // namespace

std::optional<Failure> compare_schema(std::string_view wanted, const Found& found, const std::string& database)
{
    const Missing missing = missing_in(wanted, found.columns);
    const std::string subject = "database " + quoted(database);
    if (missing.all) {
        return Failure{Cause::schema_absent, 0,
                       subject + (found.columns.empty() ? " is empty" : " holds none of the archive's tables") +
                           ", the archive cannot work with it" + k_remedy};
    }
    if (!missing.tables.empty()) {
        return Failure{Cause::schema_partial, 0,
                       subject + " lacks " + std::to_string(missing.tables.size()) + " of the archive's tables (" +
                           listed(missing.tables) + ")" + k_remedy};
    }
    if (!missing.columns.empty()) {
        return Failure{Cause::schema_partial, 0,
                       subject + " lacks columns (" + listed(missing.columns) +
                           "); it is of another version or something else's, name another one as MYSQL_DATABASE"};
    }
    if (!found.used && !found.has_rows) {
        return Failure{Cause::schema_partial, 0,
                       subject + " lacks the first rows of users, roles or ae: its script did not run to its end" +
                           k_remedy};
    }
    return std::nullopt;
}

std::optional<Failure> check_schema(Session& session, const std::string& database)
{
    Result columns =
        session.run("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()");
    if (columns.failure) {
        return columns.failure;
    }
    Found found{std::move(columns.rows), true, true};
    if (auto failure = compare_schema(shipped_schema(), found, database)) {
        return failure;
    }
    const Result rows = session.run(
        "SELECT EXISTS(SELECT 1 FROM study), EXISTS(SELECT 1 FROM users) AND EXISTS(SELECT 1 FROM roles) AND "
        "EXISTS(SELECT 1 FROM ae)");
    if (rows.failure) {
        return rows.failure;
    }
    found.used = rows.rows.at(0).at(0) == "1";
    found.has_rows = rows.rows.at(0).at(1) == "1";
    return compare_schema(shipped_schema(), found, database);
}

}  // namespace dcm::db
