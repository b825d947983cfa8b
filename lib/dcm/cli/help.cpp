// SPDX-License-Identifier: Apache-2.0
#include <dcm/cli/exits.hpp>
#include <dcm/cli/parse.hpp>
#include <dcm/cli/variables.hpp>
#include <dcm/core/text.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace dcm::cli {

namespace {

constexpr std::size_t k_indent = 26;
constexpr std::size_t k_width = 100;

// `left` in its column, `right` wrapped beside it.
std::string row(const std::string& left, std::string_view right)
{
    std::string text = "  " + left;
    std::size_t column = text.size();
    const auto new_line = [&] {
        text.erase(text.find_last_not_of(' ') + 1);
        text += "\n" + std::string(k_indent, ' ');
        column = k_indent;
    };
    if (column + 2 > k_indent) {
        new_line();
    } else {
        text.append(k_indent - column, ' ');
        column = k_indent;
    }
    for (const auto word : split(right, ' ')) {
        if (column + word.size() > k_width) {
            new_line();
        }
        text.append(word).append(" ");
        column += word.size() + 1;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
}

std::string with_default(std::string_view text, std::string_view value)
{
    return std::string(text) + (value.empty() ? "" : " (default: " + std::string(value) + ")");
}

// The rows of the options, under "HEADING:" and the headings among them.
template <typename Options>
std::string option_rows(const std::string& heading, const Options& options)
{
    std::string text;
    std::string group = heading;
    for (const auto& option : options) {
        if (option.name.empty()) {
            group = option.help;
            continue;
        }
        if (!group.empty()) {
            text += "\n" + std::exchange(group, "") + ":\n";
        }
        std::string left = "--" + std::string(option.name);
        if (!option.metavar.empty()) {
            left += " " + std::string(option.metavar);
        }
        std::string right = with_default(option.help, option.default_value);
        for (const auto variable : split(option.env, ' ')) {
            right += variable.empty() || variable[0] == '_' ? "" : " [" + std::string(variable) + "]";
        }
        text += row(left, right);
    }
    return text;
}

// The variables that the command reads, but for those that stand at an option already.
std::string variable_rows(std::string_view command, const std::string& options)
{
    std::string text;
    for (const auto& variable : variables()) {
        const auto tools = split(variable.tools, ' ');
        if (std::find(tools.begin(), tools.end(), command) != tools.end() &&
            options.find("[" + std::string(variable.name) + "]") == std::string::npos) {
            text += row(std::string(variable.name), with_default(variable.meaning, variable.default_value));
        }
    }
    return text.empty() ? text : "\nEnvironment:\n" + text;
}

std::string exit_rows(const Spec& spec)
{
    std::map<unsigned long, std::pair<std::string_view, std::string_view>> meanings;
    for (const auto& exit : exits()) {
        const auto number = std::stoul(std::string(exit.status));
        const bool runs_command = spec.trailing == Trailing::command || (number != 126 && number != 127);
        if (exit.command == spec.name || (exit.command == "*" && runs_command && meanings.count(number) == 0)) {
            meanings[number] = {exit.status, exit.meaning};
        }
    }
    std::string text = "\nExit status:\n";
    for (const auto& [number, status] : meanings) {
        text += row(std::string(status.first), status.second);
    }
    return text;
}

}  // namespace

std::string help_text(const Spec& spec)
{
    std::string text = "Usage: " + std::string(spec.name) + " [OPTION...]";
    if (!spec.trailing_name.empty()) {
        text += " [-- " + std::string(spec.trailing_name) + "]";
    }
    text += "\n" + std::string(spec.purpose) + "\n";
    text += option_rows("Options", spec.options) + option_rows("Common options", common_options());
    text += variable_rows(spec.name, text) + exit_rows(spec);
    return spec.example.empty() ? text : text + "\nExample:\n  " + std::string(spec.example) + "\n";
}

}  // namespace dcm::cli
