// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/db/session.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::db {

// The archive's tables and columns that the library carries (schema.csv): a line "table,column" each.
std::string_view shipped_schema();

// schema_absent when no table of `wanted` (lines "table,column") is among `columns` (rows {table, column});
// schema_partial, with what is missing, when some of it is not. nullopt: complete. Further tables and columns do not
// matter. The detail is a whole message with what fixes it.
std::optional<Failure> compare_schema(std::string_view wanted, const std::vector<Row>& columns,
                                      const std::string& database);

// Which update scripts of dcm4chee (sql/update-2.N.mysql) a database lacks of which `lacking` (tables, and columns as
// TABLE.COLUMN) is missing: the first N, when all that scripts from N on add is missing and nothing that earlier ones
// do. nullopt: it is no older schema, but an incomplete one.
std::optional<int> first_update(const std::vector<std::string>& lacking);

// `compare_schema` of the shipped list and the database behind `session`; schema_partial too when the rows that
// create-mysql.sql ends with (in users, roles and ae) are not there and neither is a study: after the first one they
// are the site's own business. Or why that cannot be found out. One statement that names every table and column tells
// that all of them are there; only when the server does not understand it are its lists read.
std::optional<Failure> check_schema(Session& session, const std::string& database);

}  // namespace dcm::db
