// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/export.hpp>
#include <dcm/db/session.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::db {

// The archive's tables and columns that the library carries (schema.csv): a line "table,column" each.
DCM_API std::string_view shipped_schema();

// What a database has: its columns, as rows {table, column}, and whether it was ever used or filled.
struct Found {
    std::vector<Row> columns;
    bool used = false;      // there is a study: what the first rows were is the site's own business by now
    bool has_rows = false;  // the rows that create-mysql.sql ends with: in users, roles and ae
};

// schema_absent when no table of `wanted` (lines "table,column") is there; schema_partial, with what is missing, when
// some columns, or the first rows of a database that was never used, are not. nullopt: complete. Further tables and
// columns do not matter. The detail is a whole message with the command that mends it.
DCM_API std::optional<Failure> compare_schema(std::string_view wanted, const Found& found, const std::string& database);

// `compare_schema` of the shipped list and the database behind `session`; or why that cannot be found out.
DCM_API std::optional<Failure> check_schema(Session& session, const std::string& database);

}  // namespace dcm::db
