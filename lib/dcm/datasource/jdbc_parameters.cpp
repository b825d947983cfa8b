// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/jboss_value.hpp>
#include <dcm/datasource/jdbc_parameters.hpp>

#include <charconv>

namespace dcm::datasource {

namespace {

std::string_view name_of(std::string_view item) { return item.substr(0, item.find('=')); }

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

std::vector<JdbcParameter> parse_jdbc_parameters(const std::optional<std::string>& text, const std::string& origin)
{
    std::vector<JdbcParameter> parameters;
    for (const auto item : text ? split(*text, '&') : std::vector<std::string_view>{}) {
        const auto name = name_of(item);
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
        if (name_of(item) == name && item.size() > name.size()) {
            found = decode(item.substr(name.size() + 1));
        }
    }
    return found;
}

std::string with_jdbc_parameter(std::string_view parameters, std::string_view name, std::string_view value)
{
    const std::string wanted = std::string(name) + "=" + std::string(value);
    std::string result;
    bool done = false;
    for (const auto item : split(parameters, '&')) {
        if (name_of(item) != name) {
            append(result, item);
        } else if (!done) {
            append(result, wanted);
            done = true;
        }
    }
    if (!done) {
        append(result, wanted);
    }
    return result;
}

std::string without_jdbc_parameter(std::string_view parameters, std::string_view name)
{
    std::string result;
    for (const auto item : split(parameters, '&')) {
        if (name_of(item) != name) {
            append(result, item);
        }
    }
    return result;
}

}  // namespace dcm::datasource
