// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/jboss_value.hpp>
#include <dcm/datasource/settings.hpp>
#include <dcm/sys/env.hpp>

namespace dcm::datasource {

namespace {

void refuse_impossible(const std::optional<std::string>& value, const std::string& what)
{
    const auto reason = value ? why_impossible(*value) : std::nullopt;
    if (reason) {
        throw Error(ExitCode::config, "the " + what + " cannot be used: " + *reason + "; choose another " + what);
    }
}

}  // namespace

std::optional<std::string> without_link(std::optional<std::string> port, const Notify& notify)
{
    if (port && starts_with(*port, "tcp://")) {
        notify({Level::info, "MYSQL_PORT is " + quoted(*port) + ", set by a container link, ignoring", {}});
        port.reset();
    }
    return port;
}

Settings settings_from_environment(const Notify& notify)
{
    Settings settings;
    settings.host = sys::env("MYSQL_HOST");
    settings.port = without_link(sys::env("MYSQL_PORT"), notify);
    settings.database = sys::env("MYSQL_DATABASE");
    settings.user = sys::env_secret("MYSQL_USER");
    settings.password = sys::env_secret("MYSQL_PASSWORD");
    settings.parameters = parse_jdbc_parameters(sys::env("MYSQL_JDBC_PARAMS"), "MYSQL_JDBC_PARAMS");
    return settings;
}

void check(const Settings& settings)
{
    if (settings.host) {
        check_host(*settings.host, "host");
    }
    if (settings.port) {
        check_port(*settings.port, "port");
    }
    if (settings.database) {
        check_database(*settings.database, "database");
    }
    if (settings.user == "") {
        throw Error(ExitCode::config, "the user name is empty; give it");
    }
    refuse_impossible(settings.user, "user name");
    refuse_impossible(settings.password, "password");
}

}  // namespace dcm::datasource
