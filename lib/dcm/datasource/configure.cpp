// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/secret.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/configure.hpp>
#include <dcm/datasource/server_file.hpp>

#include <algorithm>

namespace dcm::datasource {

namespace {

constexpr const char* k_checker = "valid-connection-checker-class-name";
constexpr const char* k_mysql_checker = "org.jboss.resource.adapter.jdbc.vendor.MySQLValidConnectionChecker";

// The driver prefers what the URL says about user and password.
void refuse_login_in_url(const std::string& url, const Settings& settings, const std::string& origin)
{
    const auto question = url.find('?');
    const std::string parameters = question == std::string::npos ? "" : url.substr(question + 1);
    const auto refuse = [&](const char* name, const std::optional<std::string>& wanted, const std::string& element) {
        const auto standing = jdbc_parameter(parameters, name);
        if (wanted && standing && standing != wanted) {
            throw Error(ExitCode::data_error, quoted(origin) + ": the parameter '" + name +
                                                  "' of <connection-url> wins over <" + element +
                                                  ">; remove it from the URL");
        }
    };
    refuse("user", settings.user, "user-name");
    refuse("password", settings.password, "password");
}

void edit_url(Document& document, const std::string& origin, const Settings& settings)
{
    const auto standing = document.value("connection-url");
    if (standing) {
        check_scheme(*standing, document.value("driver-class").value_or(""));
        refuse_login_in_url(*standing, settings, origin);
    }
    if (!settings.host && !settings.port && !settings.database && settings.parameters.empty()) {
        return;
    }
    if (ends_with(document.kind(), "xa-datasource")) {
        throw Error(ExitCode::data_error, quoted(origin) + ": an <" + document.kind() +
                                              "> has no <connection-url> to change; use a <local-tx-datasource>");
    }
    refuse_list(document, standing.value_or(""), origin);
    JdbcUrl url = standing ? parse_jdbc_url(*standing) : JdbcUrl{};
    const std::string before = standing ? url.str() : "";
    url.host = settings.host.value_or(url.host);
    url.port = settings.port.value_or(url.port);
    url.database = settings.database.value_or(url.database);
    for (const auto& parameter : settings.parameters) {
        url.parameters = with_jdbc_parameter(url.parameters, parameter);
    }
    if (url.str() != before) {
        document.set_value("connection-url", url.str());
    }
}

void edit_login(Document& document, const std::string& origin, const Settings& settings, const Notify& notify)
{
    const bool elsewhere = document.has("security-domain") || document.has("security-domain-and-application");
    if (elsewhere && (settings.user || settings.password)) {
        notify({Level::warning,
                quoted(origin) + " takes user and password from a security domain (conf/login-config.xml); MYSQL_USER "
                                 "and MYSQL_PASSWORD are not written there",
                {}});
        return;
    }
    if (settings.user) {
        document.set_value("user-name", *settings.user);
    }
    if (settings.password) {
        document.set_value("password", *settings.password);
    }
}

// A site's own way of testing connections stays.
void edit_checker(Document& document, const Settings& settings)
{
    const bool has_its_own =
        document.has("check-valid-connection-sql") || !document.value(k_checker).value_or("").empty();
    const bool suits = !is_of_mariadb(document.value("driver-class").value_or(""));
    if (settings.checker == Checker::enabled && !has_its_own && suits) {
        document.set_value(k_checker, k_mysql_checker);
    }
}

// A value without its secrets: all of a password, the secret parameters of a URL.
std::string shown(const std::string& element, const std::string& value)
{
    if (is_secret(element)) {
        return "***";
    }
    const auto question = value.find('?');
    std::string text = value.substr(0, question);
    if (is_secret("=" + text)) {
        return "***";
    }
    if (question == std::string::npos) {
        return printable(text);
    }
    char separator = '?';
    const std::string parameters = value.substr(question + 1);
    for (const auto item : split(parameters, '&')) {
        text += separator;
        text += is_secret(item) ? std::string(item.substr(0, item.find('='))) + "=***" : std::string(item);
        separator = '&';
    }
    return printable(text);
}

}  // namespace

Edit apply(const std::string& text, const std::string& origin, const std::string& jndi_name, const Settings& settings,
           const Notify& notify)
{
    check(settings);
    Document document(text, origin, jndi_name);
    edit_url(document, origin, settings);
    edit_login(document, origin, settings, notify);
    edit_checker(document, settings);
    return {document.text(), document.changes()};
}

std::string show(const std::vector<Change>& changes)
{
    std::string text;
    for (const auto& [element, before, after] : changes) {
        text += element + ": " + (before ? shown(element, *before) : "(none)") + " -> " + shown(element, after) + "\n";
    }
    return text;
}

bool write(const std::string& path, const Edit& edit, const Notify& notify)
{
    constexpr mode_t no_others = 0640;
    const bool optional = std::all_of(edit.changes.begin(), edit.changes.end(),
                                      [](const Change& change) { return change.element == k_checker; });
    try {
        const ServerFile file(path);
        file.write(edit.text, file.mode().value_or(no_others) & no_others);
        notify({Level::info, "updated " + quoted(path), {}});
        return true;
    } catch (const Error& failure) {
        if (!optional) {
            throw;
        }
        notify({Level::warning,
                std::string(failure.what()) + ", ignoring; without the connection checker, which was to be added, the "
                                              "first query after a restart of the database fails",
                {}});
        return false;
    }
}

Login resolve(const std::string& path, const std::string& jndi_name, const Settings& settings)
{
    const auto text = ServerFile(path).read(k_max_bytes);
    if (!text) {
        return login_of(settings);
    }
    const auto edit = apply(*text, path, jndi_name, settings, [](const Notice& /*notice*/) {});
    return complete_login(edit.text, path, jndi_name, settings);
}

}  // namespace dcm::datasource
