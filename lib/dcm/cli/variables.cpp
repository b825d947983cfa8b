// SPDX-License-Identifier: Apache-2.0
#include <dcm/cli/variables.hpp>
#include <dcm/core/text.hpp>

#include <algorithm>
#include <array>

namespace dcm::cli {

namespace {

// Read by the official MySQL and MariaDB images, which often share one env_file with this one.
constexpr std::array<std::string_view, 13> k_foreign{"MYSQL_ROOT_PASSWORD",
                                                     "MYSQL_ROOT_PASSWORD_FILE",
                                                     "MYSQL_ROOT_HOST",
                                                     "MYSQL_ALLOW_EMPTY_PASSWORD",
                                                     "MYSQL_RANDOM_ROOT_PASSWORD",
                                                     "MYSQL_ONETIME_PASSWORD",
                                                     "MYSQL_INITDB_SKIP_TZINFO",
                                                     "MYSQL_MAJOR",
                                                     "MYSQL_VERSION",
                                                     "MYSQL_NAME",
                                                     "MYSQL_TCP_PORT",
                                                     "MYSQL_UNIX_PORT",
                                                     "MYSQL_HOME"};

// What the original image called MYSQL_CONNECT_RETRY, whose row names it.
constexpr std::string_view k_old_name = "MYSQL_RETRY_CONNECT";

bool is_foreign(std::string_view name)
{
    // Container links and Kubernetes services: MYSQL_PORT_3306_TCP_ADDR, MYSQL_SERVICE_HOST, MYSQL_ENV_…
    return std::find(k_foreign.begin(), k_foreign.end(), name) != k_foreign.end() || starts_with(name, "MYSQL_PORT_") ||
           starts_with(name, "MYSQL_SERVICE_") || starts_with(name, "MYSQL_ENV_");
}

bool reads(std::string_view tools, std::string_view tool)
{
    const auto names = split(tools, ' ');
    return std::find(names.begin(), names.end(), tool) != names.end();
}

bool is_known(std::string_view name)
{
    const auto& table = variables();
    return name == k_old_name ||
           std::any_of(table.begin(), table.end(), [&](const Variable& v) { return v.name == name; });
}

const Variable* nearest(std::string_view name)
{
    const Variable* best = nullptr;
    std::size_t best_distance = 3;  // two edits are a slip, three are another word
    for (const auto& variable : variables()) {
        // There are at least as many edits as the lengths differ.
        const auto longer = std::max(name.size(), variable.name.size());
        if (longer - std::min(name.size(), variable.name.size()) >= best_distance) {
            continue;
        }
        const auto distance = edit_distance(name, variable.name);
        if (distance < best_distance) {
            best = &variable;
            best_distance = distance;
        }
    }
    return best;
}

const Unread* find_unread(std::string_view name)
{
    const auto& table = unread_variables();
    const auto found = std::find_if(table.begin(), table.end(), [&](const Unread& u) { return u.name == name; });
    return found == table.end() ? nullptr : &*found;
}

}  // namespace

std::vector<std::string> typo_hints(const std::string& tool, const std::vector<std::string>& environment)
{
    std::vector<std::string> hints;
    for (const auto& entry : environment) {
        const std::string name = entry.substr(0, entry.find('='));
        if ((!starts_with(name, "MYSQL_") && !starts_with(name, "DCM_")) || is_known(name) || is_foreign(name)) {
            continue;
        }
        if (const Unread* const unread = find_unread(name)) {
            if (tool == (starts_with(name, "MYSQL_") ? "dcm-configure-db" : "dcm-seed-volume")) {
                hints.push_back("nothing reads the variable " + quoted(name) + "; " + std::string(unread->instead));
            }
            continue;
        }
        const Variable* const meant = nearest(name);
        if (meant != nullptr && reads(split(meant->tools, ' ').front(), tool)) {
            hints.push_back("unknown variable " + quoted(name) + ", ignoring; did you mean " +
                            std::string(meant->name) + "?");
        }
    }
    return hints;
}

}  // namespace dcm::cli
