// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/document.hpp>
#include <dcm/datasource/jboss_value.hpp>
#include <dcm/datasource/jdbc_url.hpp>
#include <dcm/datasource/settings.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>

#include <algorithm>

namespace dcm::datasource {

namespace {

void refuse_impossible(const std::optional<std::string>& value, const std::string& what)
{
    const auto reason = value ? why_impossible(*value) : std::nullopt;
    if (reason) {
        throw Error(ExitCode::config, "the " + what + " cannot be used: " + *reason + "; choose another " + what);
    }
}

// The parameters that MYSQL_TLS_MODE decides.
void refuse_tls_parameters(const Settings& settings)
{
    for (const char* name : {"useSSL", "requireSSL", "verifyServerCertificate"}) {
        const bool given = std::any_of(settings.parameters.begin(), settings.parameters.end(),
                                       [&](const JdbcParameter& parameter) { return parameter.name == name; });
        if (given && settings.tls.mode) {
            throw Error(ExitCode::config, "MYSQL_JDBC_PARAMS sets " + quoted(name) +
                                              ", which MYSQL_TLS_MODE decides; leave one of them out");
        }
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
    refuse_impossible(settings.user, "user name");
    refuse_impossible(settings.password, "password");
    refuse_tls_parameters(settings);
}

Login read_login(const std::string& text, const std::string& origin, const std::string& jndi_name)
{
    const Document document(text, origin, jndi_name);
    const auto text_of_url = document.value("connection-url");
    if (!text_of_url) {
        throw Error(ExitCode::data_error,
                    quoted(origin) + " has no <connection-url>; run dcm-configure-db with MYSQL_HOST set, or take the "
                                     "file from the template again");
    }
    const JdbcUrl url = parse_jdbc_url(*text_of_url);
    const auto element = [&](const char* name) { return document.value(name).value_or(""); };
    return {url.host,
            url.port,
            url.database,
            jdbc_parameter(url.parameters, "user").value_or(element("user-name")),
            jdbc_parameter(url.parameters, "password").value_or(element("password")),
            url.parameters};
}

std::string read_datasource_file(const std::string& path)
{
    constexpr std::uint64_t max_bytes = 1U << 20U;
    auto text = sys::read_file(path, max_bytes);
    if (!text) {
        throw Error(ExitCode::no_input,
                    "no datasource file " + quoted(path) +
                        "; check --datasource and DCM4CHEE_HOME, or fill the volume with dcm-seed-volume");
    }
    return std::move(*text);
}

Login login_from_file(const std::string& path, const std::string& jndi_name)
{
    return read_login(read_datasource_file(path), path, jndi_name);
}

Login login_from_environment(const Notify& notify)
{
    const Settings settings = settings_from_environment(notify);
    return {settings.host.value_or("localhost"), settings.port.value_or("3306"), settings.database.value_or("pacsdb"),
            settings.user.value_or("pacs"), settings.password.value_or("pacs")};
}

}  // namespace dcm::datasource
