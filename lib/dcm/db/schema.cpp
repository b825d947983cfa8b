// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/schema.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace dcm::db {

namespace {

constexpr const char* k_remedy = "; load it with /opt/dcm/maintenance/load-schema";

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

// The first thing that each update script adds to what the version before has, from the last script to the first: read
// in the scripts of 2.18.3.
constexpr int k_last_update = 18;
constexpr std::array<std::string_view, 14> k_added{"published_study",
                                                   "ae.ae_group",
                                                   "issuer",
                                                   "ups",
                                                   "ae.wado_url",
                                                   "ae.fs_group_id",
                                                   "ae.user_id",
                                                   "other_pid",
                                                   "series_req.req_service",
                                                   "study.study_status",
                                                   "gppps",
                                                   "priv_patient",
                                                   "filesystem.availability",
                                                   "hp"};

struct Missing {
    std::vector<std::string> tables;
    std::vector<std::string> columns;  // TABLE.COLUMN, of tables that are there
    bool all = true;                   // not one table is there
};

// The tables of `wanted` and their columns, in its order.
struct Table {
    std::string_view name;
    std::vector<std::string_view> columns;
};

std::vector<Table> tables_of(std::string_view wanted)
{
    std::vector<Table> tables;
    for (const auto line : split(wanted, '\n')) {
        const auto comma = line.find(',');
        if (comma == std::string_view::npos) {
            continue;
        }
        const auto name = line.substr(0, comma);
        if (tables.empty() || tables.back().name != name) {
            tables.push_back({name, {}});
        }
        tables.back().columns.push_back(line.substr(comma + 1));
    }
    return tables;
}

Missing missing_in(const std::vector<Table>& wanted, const std::vector<Row>& columns)
{
    std::set<std::string> tables;
    std::set<std::string> found;
    for (const auto& row : columns) {
        tables.insert(row.at(0));
        found.insert(row.at(0) + "." + lower(row.at(1)));  // servers compare columns without case
    }
    Missing missing;
    for (const auto& table : wanted) {
        const std::string name(table.name);
        if (tables.count(name) == 0) {
            missing.tables.push_back(name);
            continue;
        }
        missing.all = false;
        for (const auto column : table.columns) {
            const std::string full = name + "." + std::string(column);
            if (found.count(full) == 0) {
                missing.columns.push_back(full);
            }
        }
    }
    return missing;
}

// One row: whether there is a study, and whether the first rows are there. The rest names all tables and columns and
// reads nothing.
std::string statement_naming(const std::vector<Table>& tables)
{
    std::string text =
        "SELECT EXISTS(SELECT 1 FROM study) AS used, EXISTS(SELECT 1 FROM users) AND EXISTS(SELECT 1 FROM roles) AND "
        "EXISTS(SELECT 1 FROM ae) AS filled, 0";
    for (const auto& table : tables) {
        text += " OR EXISTS(SELECT ";
        for (const auto column : table.columns) {
            text.append(column == table.columns.front() ? "`" : ", `").append(column).append("`");
        }
        text.append(" FROM `").append(table.name).append("` LIMIT 0)");
    }
    return text + " AS named";
}

std::string update_scripts(int first)
{
    std::string text;
    for (int n = first; n <= k_last_update; ++n) {
        text += (n == first           ? ""
                 : n == k_last_update ? " and "
                                      : ", ") +
                ("sql/update-2." + std::to_string(n)) + ".mysql";
    }
    return text;
}

Failure lacks_first_rows(const std::string& database)
{
    return {Cause::schema_partial, 0,
            "database " + quoted(database) +
                " lacks the first rows of users, roles or ae: its script did not run to its end" + k_remedy};
}

// Whether the login may write: statements of each kind, which find no row to change.
std::optional<Failure> check_writing(Session& session)
{
    auto failure = session.run("REPLACE INTO files SELECT * FROM files WHERE 1 = 0").failure;  // inserts and deletes
    return failure ? failure : session.run("UPDATE files SET pk = pk WHERE 1 = 0").failure;
}

}  // namespace

std::optional<Failure> compare_schema(std::string_view wanted, const std::vector<Row>& columns,
                                      const std::string& database)
{
    const Missing missing = missing_in(tables_of(wanted), columns);
    const std::string subject = "database " + quoted(database);
    if (missing.all) {
        return Failure{Cause::schema_absent, 0,
                       subject + (columns.empty() ? " is empty" : " holds none of the archive's tables") +
                           ", the archive cannot work with it" + k_remedy};
    }
    auto lacking = missing.tables;
    lacking.insert(lacking.end(), missing.columns.begin(), missing.columns.end());
    if (const auto first = first_update(lacking)) {
        return Failure{Cause::schema_partial, 0,
                       subject + " is that of dcm4chee 2." + std::to_string(*first - 1) + "; make a backup, then run " +
                           update_scripts(*first) + " of the server's directory on it, in this order"};
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
    return std::nullopt;
}

std::optional<int> first_update(const std::vector<std::string>& lacking)
{
    const auto is_lacking = [&](std::string_view added) {
        // A column of a table that is missing is missing.
        const auto table = added.substr(0, added.find('.'));
        return std::any_of(lacking.begin(), lacking.end(),
                           [&](const std::string& name) { return name == added || name == table; });
    };
    const auto* const present = std::find_if_not(k_added.begin(), k_added.end(), is_lacking);
    const auto count = static_cast<int>(present - k_added.begin());
    const bool is_older = count > 0 && present != k_added.end() && std::none_of(present, k_added.end(), is_lacking);
    return is_older ? std::optional(k_last_update + 1 - count) : std::nullopt;
}

std::optional<Failure> check_schema(Session& session, const std::string& database)
{
    const Result named = session.run(statement_naming(tables_of(shipped_schema())));
    if (!named.failure) {
        const Row& row = named.rows.at(0);
        const bool used_or_filled = row.at(0) == "1" || row.at(1) == "1";
        return used_or_filled ? check_writing(session) : std::optional(lacks_first_rows(database));
    }
    // Without a right to a table the lists do not have it either: it is not missing.
    if (is_lost_connection(named.failure->cause) || named.failure->cause == Cause::no_right) {
        return named.failure;
    }
    const Result columns =
        session.run("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()");
    const auto difference =
        columns.failure ? columns.failure : compare_schema(shipped_schema(), columns.rows, database);
    return difference ? difference : named.failure;
}

}  // namespace dcm::db
