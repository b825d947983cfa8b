// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/document.hpp>
#include <dcm/datasource/login.hpp>
#include <dcm/datasource/login_config.hpp>
#include <dcm/datasource/server_file.hpp>
#include <dcm/sys/file.hpp>

#include <array>
#include <utility>

namespace dcm::datasource {

// JBoss tries one after the other; which of them is to be changed or waited for nobody can tell.
void refuse_list(const Document& document, const std::string& url, const std::string& origin)
{
    const std::string delimiter = document.value("url-delimiter").value_or("");
    if (!delimiter.empty() && url.find(delimiter) != std::string::npos) {
        throw Error(ExitCode::config, quoted(origin) + ": <connection-url> is a list of several servers, as " +
                                          "<url-delimiter> " + quoted(delimiter) + " says; give one server");
    }
}

std::string_view to_string(Encryption encryption)
{
    static constexpr std::array<std::string_view, 3> words{"off", "prefer", "require"};
    return words.at(static_cast<std::size_t>(encryption));
}

Encryption encryption_of(std::string_view parameters)
{
    const auto is_on = [&](std::string_view name) {
        const std::string value = lower(jdbc_parameter(parameters, name).value_or(""));
        return value == "true" || value == "yes";
    };
    return !is_on("useSSL") ? Encryption::off : is_on("requireSSL") ? Encryption::require : Encryption::prefer;
}

Login read_login(const std::string& text, const std::string& origin, const std::string& jndi_name)
{
    const Document document(text, origin, jndi_name);
    const auto element = [&](const char* name) { return document.value(name).value_or(""); };
    const std::string text_of_url = element("connection-url");
    if (text_of_url.empty()) {
        throw Error(ExitCode::data_error,
                    quoted(origin) + " has no <connection-url>; run dcm-configure-db with MYSQL_HOST set, or take the "
                                     "file from the template again");
    }
    check_scheme(text_of_url, element("driver-class"));
    refuse_list(document, text_of_url, origin);
    const JdbcUrl url = parse_jdbc_url(text_of_url);
    Login login{
        url.host, url.port, url.database, element("user-name"), element("password"), encryption_of(url.parameters)};
    login.by_mysql_driver = !is_of_mariadb(element("driver-class"));
    login.domain = element("security-domain") + element("security-domain-and-application");
    const auto user = jdbc_parameter(url.parameters, "user");
    const auto password = jdbc_parameter(url.parameters, "password");
    if (user && password) {
        login.domain.clear();
    }
    login.user = user.value_or(login.user);
    login.password = password.value_or(login.password);
    return login;
}

Login complete_login(const std::string& text, const std::string& path, const std::string& jndi_name,
                     const Settings& settings)
{
    Login login = read_login(text, path, jndi_name);
    if (login.domain.empty()) {
        return login;
    }
    const std::string config = sys::parent_directory(sys::parent_directory(path)) + "/conf/login-config.xml";
    const auto domains = ServerFile(config).read(k_max_bytes);
    auto found = domains ? read_login_config(*domains, config, login.domain) : std::nullopt;
    if (!found && settings.user) {
        found = DomainLogin{*settings.user, settings.password.value_or("")};
    }
    if (found) {
        login.user = std::move(found->user);
        login.password = std::move(found->password);
        login.domain.clear();
    }
    return login;
}

std::string read_datasource_file(const std::string& path)
{
    auto text = ServerFile(path).read(k_max_bytes);
    if (!text) {
        throw Error(ExitCode::no_input,
                    "no datasource file " + quoted(path) +
                        "; check --datasource and DCM4CHEE_HOME, or fill the volume with dcm-seed-volume");
    }
    return std::move(*text);
}

Login login_from_file(const std::string& path, const std::string& jndi_name)
{
    const std::string text = read_datasource_file(path);
    const Login login = read_login(text, path, jndi_name);
    if (login.domain.empty()) {
        return login;
    }
    return complete_login(text, path, jndi_name, settings_from_environment([](const Notice& /*notice*/) {}));
}

Login login_of(const Settings& settings)
{
    check(settings);
    std::string parameters;
    for (const auto& parameter : settings.parameters) {
        parameters = with_jdbc_parameter(parameters, parameter);
    }
    const JdbcUrl standard;
    return {settings.host.value_or(standard.host),
            settings.port.value_or(standard.port),
            settings.database.value_or(standard.database),
            settings.user.value_or("pacs"),
            settings.password.value_or("pacs"),
            encryption_of(parameters)};
}

}  // namespace dcm::datasource
