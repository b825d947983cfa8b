// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/document.hpp>
#include <dcm/datasource/jboss_value.hpp>
#include <dcm/datasource/jdbc_url.hpp>
#include <dcm/datasource/settings.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>

namespace dcm::datasource {

namespace {

void refuse_impossible(const std::optional<std::string>& value, const std::string& what)
{
    const auto reason = value ? why_impossible(*value) : std::nullopt;
    if (reason) {
        throw Error(ExitCode::config, "the " + what + " cannot be used: " + *reason + "; choose another " + what);
    }
}

std::string required(const Document& document, const std::string& element, const std::string& origin)
{
    const auto content = document.content(element);
    if (!content) {
        throw Error(ExitCode::data_error,
                    quoted(origin) + " has no <" + element + ">; take the file from the template again");
    }
    return from_jboss(*content);
}

// Nothing is rewritten that JBoss reads as the same value already, however it is spelled.
void set_value(Document& document, const std::string& element, const std::string& value)
{
    const auto current = document.content(element);
    if (!current || from_jboss(*current) != value) {
        document.set_content(element, to_jboss(value));
    }
}

}  // namespace

Settings settings_from_environment(const Notify& notify)
{
    Settings settings;
    settings.host = sys::env("MYSQL_HOST");
    settings.port = sys::env("MYSQL_PORT");
    if (settings.port && starts_with(*settings.port, "tcp://")) {
        notify({Level::info, "MYSQL_PORT is " + quoted(*settings.port) + ", set by a container link, ignoring", {}});
        settings.port.reset();
    }
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
}

std::string apply(const std::string& text, const std::string& origin, const std::string& jndi_name,
                  const Settings& settings)
{
    check(settings);
    Document document(text, origin, jndi_name);
    if (settings.host || settings.port || settings.database) {
        const std::string standing = required(document, "connection-url", origin);
        JdbcUrl url = parse_jdbc_url(standing);
        const std::string before = url.str();
        url.host = settings.host.value_or(url.host);
        url.port = settings.port.value_or(url.port);
        url.database = settings.database.value_or(url.database);
        if (url.str() != before) {
            set_value(document, "connection-url", url.str());
        }
    }
    if (settings.user) {
        set_value(document, "user-name", *settings.user);
    }
    if (settings.password) {
        set_value(document, "password", *settings.password);
    }
    return document.text();
}

Login read_login(const std::string& text, const std::string& origin, const std::string& jndi_name)
{
    const Document document(text, origin, jndi_name);
    const JdbcUrl url = parse_jdbc_url(required(document, "connection-url", origin));
    return {url.host, url.port, url.database, from_jboss(document.content("user-name").value_or("")),
            from_jboss(document.content("password").value_or(""))};
}

Login login_from_file(const std::string& path, const std::string& jndi_name)
{
    constexpr std::uint64_t max_bytes = 1U << 20U;
    const auto text = sys::read_file(path, max_bytes);
    if (!text) {
        throw Error(ExitCode::no_input,
                    "no datasource file " + quoted(path) +
                        "; check --datasource and DCM4CHEE_HOME, or fill the volume with dcm-seed-volume");
    }
    return read_login(*text, path, jndi_name);
}

Login login_from_environment(const Notify& notify)
{
    const Settings settings = settings_from_environment(notify);
    return {settings.host.value_or("localhost"), settings.port.value_or("3306"), settings.database.value_or("pacsdb"),
            settings.user.value_or("pacs"), settings.password.value_or("pacs")};
}

}  // namespace dcm::datasource
