// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/jboss_value.hpp>
#include <dcm/datasource/jdbc_url.hpp>

#include <charconv>

namespace dcm::datasource {

namespace {

// Without the parameters, which may hold secrets.
std::string name_of(const std::string& url) { return "connection-url " + quoted(url.substr(0, url.find('?'))); }

void refuse_characters(const std::string& text, std::string_view forbidden, const std::string& origin)
{
    const auto at = text.find_first_of(forbidden);
    if (at != std::string::npos) {
        throw Error(ExitCode::config, origin + ": " + quoted(text) + " holds " + quoted({&text[at], 1}) +
                                          ", which a JDBC URL cannot carry");
    }
    if (const auto reason = why_impossible(text)) {
        throw Error(ExitCode::config, origin + ": " + quoted(text) + " cannot be used: " + *reason);
    }
}

std::string_view parameter_name(std::string_view item) { return item.substr(0, item.find('=')); }

std::string decode(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(&text[i + 1], &text[i + 1] + 2, code, 16).ptr == &text[i + 1] + 2) {
            result += static_cast<char>(code);
            i += 2;
        } else {
            result += text[i] == '+' ? ' ' : text[i];
        }
    }
    return result;
}

void append(std::string& list, std::string_view item)
{
    if (!list.empty()) {
        list += '&';
    }
    list += item;
}

bool is_name(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                                   "0123456789_.-") == std::string_view::npos;
}

}  // namespace

std::string JdbcUrl::str() const
{
    return scheme + host + ":" + port + "/" + database + (parameters.empty() ? "" : "?" + parameters);
}

void check_host(const std::string& host, const std::string& origin)
{
    if (host.empty()) {
        throw Error(ExitCode::config, origin + ": the host is empty; give its name");
    }
    if (host.find(',') != std::string::npos) {
        throw Error(ExitCode::config, origin + ": " + quoted(host) + " names several servers; give one");
    }
    if (host.find(':') != std::string::npos || starts_with(host, "[")) {
        throw Error(ExitCode::config,
                    origin + ": " + quoted(host) +
                        " is an IPv6 address or holds a port; the JDBC driver reads neither here: give a "
                        "host name or an IPv4 address, and the port as MYSQL_PORT");
    }
    const auto bad = host.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    if (bad != std::string::npos) {
        throw Error(ExitCode::config,
                    origin + ": " + quoted(host) + " is no host name; give letters, digits, '.', '-' and '_' only");
    }
}

void check_port(const std::string& port, const std::string& origin)
{
    if (!parse_unsigned(port, 1, 65535)) {
        throw Error(ExitCode::config, origin + ": " + quoted(port) + " is not a port; give a number from 1 to 65535");
    }
}

void check_database(const std::string& database, const std::string& origin)
{
    if (database.empty()) {
        throw Error(ExitCode::config, origin + ": the name of the database is empty; give it");
    }
    if (starts_with(database, "-")) {
        throw Error(ExitCode::config,
                    origin + ": " + quoted(database) + " begins like an option; give the database another name");
    }
    refuse_characters(database, "/?#&\\ ", origin);
}

bool is_of_mariadb(const std::string& driver_class) { return starts_with(driver_class, "org.mariadb."); }

void check_scheme(const std::string& text, const std::string& driver_class)
{
    const bool mariadb = starts_with(text, "jdbc:mariadb:");
    if (mariadb && !is_of_mariadb(driver_class)) {
        throw Error(ExitCode::config, name_of(text) + " is one of MariaDB's own driver, but <driver-class> is " +
                                          quoted(driver_class) +
                                          "; that one logs in to MariaDB as well: begin the URL with 'jdbc:mysql:'");
    }
    if (!mariadb && !starts_with(text, "jdbc:mysql:")) {
        throw Error(ExitCode::config,
                    name_of(text) + " is not of MySQL or MariaDB; it has to begin with 'jdbc:mysql:'");
    }
}

JdbcUrl parse_jdbc_url(const std::string& text)
{
    const std::string origin = name_of(text);
    JdbcUrl url;
    if (starts_with(text, "jdbc:mariadb://")) {
        url.scheme = "jdbc:mariadb://";
    }
    if (!starts_with(text, url.scheme)) {
        throw Error(ExitCode::config,
                    origin + " is of several servers; give one, as '" + url.scheme + "HOST:PORT/DATABASE'");
    }
    if (text.find("${") != std::string::npos) {
        throw Error(ExitCode::config,
                    origin + " holds a ${property}, which only the server can tell; write its value there");
    }
    const std::string rest = text.substr(url.scheme.size());
    const auto slash = rest.find('/');
    if (slash == std::string::npos) {
        throw Error(ExitCode::config, origin + " names no database; it has to end in '/DATABASE'");
    }
    const std::string server = rest.substr(0, slash);
    const auto colon = server.rfind(':');
    const auto question = rest.find('?', slash);
    url.host = server.substr(0, starts_with(server, "[") ? std::string::npos : colon);
    if (url.host.empty()) {
        url.host = "localhost";
    }
    if (colon != std::string::npos && !starts_with(server, "[")) {
        url.port = server.substr(colon + 1);
    }
    url.database = rest.substr(slash + 1, question == std::string::npos ? question : question - slash - 1);
    url.parameters = question == std::string::npos ? "" : rest.substr(question + 1);
    check_host(url.host, origin);
    check_port(url.port, origin);
    check_database(url.database, origin);
    return url;
}

std::vector<JdbcParameter> parse_jdbc_parameters(const std::optional<std::string>& text, const std::string& origin)
{
    std::vector<JdbcParameter> parameters;
    for (const auto item : text ? split(*text, '&') : std::vector<std::string_view>{}) {
        const auto name = parameter_name(item);
        // The value stays out of the message: it may be a secret.
        if (!is_name(name) || name.size() == item.size()) {
            throw Error(ExitCode::config, origin + " is no list name=value&name=value: " + quoted(name) +
                                              (is_name(name) ? " has no value" : " is no name"));
        }
        if (name == "user" || name == "password") {
            throw Error(ExitCode::config,
                        origin + " sets " + quoted(name) + "; it belongs in MYSQL_USER or MYSQL_PASSWORD");
        }
        const auto value = item.substr(name.size() + 1);
        const auto reason = value.find_first_of("# ") != std::string_view::npos
                                ? std::optional<std::string>("a blank is written %20 there, # is %23")
                                : why_impossible(value);
        if (reason) {
            throw Error(ExitCode::config, origin + ": the value of " + quoted(name) + " cannot be used: " + *reason);
        }
        parameters.push_back({std::string(name), std::string(value)});
    }
    return parameters;
}

std::optional<std::string> jdbc_parameter(std::string_view parameters, std::string_view name)
{
    std::optional<std::string> found;
    for (const auto item : split(parameters, '&')) {
        if (parameter_name(item) == name && item.size() > name.size()) {
            found = decode(item.substr(name.size() + 1));
        }
    }
    return found;
}

std::string with_jdbc_parameter(std::string_view parameters, const JdbcParameter& wanted)
{
    const std::string text = wanted.name + "=" + wanted.value;
    std::string result;
    bool done = false;
    for (const auto item : split(parameters, '&')) {
        if (parameter_name(item) != wanted.name) {
            append(result, item);
        } else if (!done) {
            append(result, text);
            done = true;
        }
    }
    if (!done) {
        append(result, text);
    }
    return result;
}

}  // namespace dcm::datasource
