// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/document.hpp>
#include <dcm/datasource/login.hpp>
#include <dcm/sys/file.hpp>

#include <array>

namespace dcm::datasource {

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
            encryption_of(url.parameters)};
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
