// SPDX-License-Identifier: Apache-2.0
#include <dcm/cli/parse.hpp>
#include <dcm/cli/variables.hpp>
#include <dcm/core/text.hpp>

#include <algorithm>

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

template <typename Options>
std::string option_rows(const Options& options)
{
    std::string text;
    for (const auto& option : options) {
        std::string left = "--" + std::string(option.name);
        if (!option.metavar.empty()) {
            left += " " + std::string(option.metavar);
        }
        std::string right(option.help);
        if (!option.default_value.empty()) {
            right += " (default: " + std::string(option.default_value) + ")";
        }
        if (!option.env.empty()) {
            right += " [" + std::string(option.env) + "]";
        }
        text += row(left, right);
    }
    return text;
}

std::string variable_rows(std::string_view tool)
{
    std::string text;
    for (const auto& variable : variables()) {
        const auto tools = split(variable.tools, ' ');
        if (std::find(tools.begin(), tools.end(), tool) == tools.end()) {
            continue;
        }
        std::string right(variable.meaning);
        if (!variable.default_value.empty()) {
            right += " (default: " + std::string(variable.default_value) + ")";
        }
        text += row(std::string(variable.name), right);
    }
    return text.empty() ? text : "\nEnvironment:\n" + text;
}

}  // namespace

std::string help_text(const Spec& spec)
{
    std::string text = "Usage: " + std::string(spec.name) + " [OPTION...]";
    if (!spec.trailing_name.empty()) {
        text += " [-- " + std::string(spec.trailing_name) + "]";
    }
    text += "\n" + std::string(spec.purpose) + "\n";
    if (!spec.options.empty()) {
        text += "\nOptions:\n" + option_rows(spec.options);
    }
    text += "\nCommon options:\n" + option_rows(common_options());
    text += variable_rows(spec.name);
    text += "\nExit status:\n";
    text += row("0", spec.trailing == Trailing::command ? "done; with a COMMAND, its own status" : "done");
    text += row("64", "bad command line");
    for (const auto& exit : spec.exits) {
        text += row(std::to_string(to_int(exit.code)), exit.meaning);
    }
    text += row("70", "a bug: please report it");
    if (spec.trailing == Trailing::command) {
        text += row("126, 127", "COMMAND cannot be run, is not there");
    }
    text += row("130, 143", "ended by SIGINT, SIGTERM");
    return spec.example.empty() ? text : text + "\nExample:\n  " + std::string(spec.example) + "\n";
}

}  // namespace dcm::cli
