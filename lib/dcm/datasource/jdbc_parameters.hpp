// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::datasource {

// The parameters of a JDBC URL, "name=value&name=value" as they stand there: what is not touched keeps its spelling and
// its place. Values are percent-encoded, as Connector/J reads them.

struct JdbcParameter {
    std::string name;
    std::string value;  // as it stands in the URL
};

// MYSQL_JDBC_PARAMS; unset: none. Throws Error(config) naming `origin` for what is no list of name=value, and for user
// and password, which have settings of their own.
std::vector<JdbcParameter> parse_jdbc_parameters(const std::optional<std::string>& text, const std::string& origin);

// The value of parameter `name`, decoded; of several the last, as in the driver. nullopt when there is none.
std::optional<std::string> jdbc_parameter(std::string_view parameters, std::string_view name);

// `parameters` with `name` set to `value` where it stands first, else at the end; others of that name go.
std::string with_jdbc_parameter(std::string_view parameters, std::string_view name, std::string_view value);

std::string without_jdbc_parameter(std::string_view parameters, std::string_view name);

}  // namespace dcm::datasource
