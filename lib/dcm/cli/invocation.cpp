// SPDX-License-Identifier: Apache-2.0
#include <dcm/cli/parse.hpp>
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>

#include <boost/program_options.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace dcm::cli {

namespace po = boost::program_options;

namespace {

po::options_description describe(const Spec& spec)
{
    po::options_description description;
    const auto add = [&](const Option& option) {
        const std::string name(option.name);
        if (name.empty()) {
            return;
        }
        if (option.metavar.empty()) {
            description.add_options()(name.c_str(), "");
        } else {
            description.add_options()(name.c_str(), po::value<std::string>());
        }
    };
    std::for_each(common_options().begin(), common_options().end(), add);
    std::for_each(spec.options.begin(), spec.options.end(), add);
    return description;
}

Error usage_error(const Spec& spec, const std::string& message)
{
    return Error(ExitCode::usage, message + "; try '" + std::string(spec.name) + " --help'");
}

std::string explain(const po::error& failure)
{
    if (const auto* const unknown = dynamic_cast<const po::unknown_option*>(&failure)) {
        return "unknown option " + quoted(unknown->get_option_name());
    }
    return printable(failure.what());
}

// The variable that stands in for an option now: the first of its own that is set.
std::optional<std::string> variable_of(const Option& option)
{
    for (const auto name : split(option.env, ' ')) {
        if (sys::env(std::string(name))) {
            return std::string(name);
        }
    }
    return std::nullopt;
}

// What is true and what is false in a flag's variable; nullopt is neither.
std::optional<bool> parse_flag(const std::string& text)
{
    static constexpr std::array<std::pair<std::string_view, bool>, 8> words{{{"1", true},
                                                                             {"true", true},
                                                                             {"yes", true},
                                                                             {"on", true},
                                                                             {"0", false},
                                                                             {"false", false},
                                                                             {"no", false},
                                                                             {"off", false}}};
    const auto* const found = std::find_if(words.begin(), words.end(), [&](const auto& w) { return w.first == text; });
    return found == words.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

const std::array<Option, 4>& common_options()
{
    static constexpr std::array<Option, 4> options{
        {{"help", "", "show this and exit"},
         {"version", "", "show the version and exit"},
         {"log-level", "LEVEL", "error, warning, info or debug", "DCM_LOG_LEVEL", "info"},
         {"log-format", "FORMAT", "text or json", "DCM_LOG_FORMAT", "text"}}};
    return options;
}

Invocation parse(const Spec& spec, const std::vector<std::string>& arguments)
{
    // Program_options sees only what is ours: it would take COMMAND's options for its own.
    const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
    const std::vector<std::string> own(arguments.begin(), dashes);
    std::vector<std::string> trailing(dashes == arguments.end() ? dashes : dashes + 1, arguments.end());
    if (dashes != arguments.end() && trailing.empty() && spec.trailing == Trailing::command) {
        throw usage_error(spec, "no command after '--'");
    }

    namespace style = po::command_line_style;
    std::map<std::string, std::string> given;
    try {
        const auto description = describe(spec);
        const auto parsed = po::command_line_parser(own)
                                .options(description)
                                .style(style::allow_long | style::long_allow_adjacent | style::long_allow_next)
                                .run();
        for (const auto& option : parsed.options) {
            if (option.position_key >= 0) {
                throw usage_error(spec, "unexpected argument " + quoted(option.value.at(0)) +
                                            (spec.trailing_name.empty() ? "" : "; a command goes after '--'"));
            }
            if (!given.emplace(option.string_key, option.value.empty() ? "1" : option.value.back()).second) {
                throw usage_error(spec, "option '--" + option.string_key + "' given twice");
            }
        }
    } catch (const po::error& failure) {  // the parser's own class, turned into ours at its border
        throw usage_error(spec, explain(failure));
    }
    return Invocation(spec, std::move(given), std::move(trailing));
}

Invocation::Invocation(const Spec& spec, std::map<std::string, std::string> given, std::vector<std::string> trailing)
    : m_spec(&spec), m_given(std::move(given)), m_trailing(std::move(trailing))
{
}

const Option& Invocation::option(const std::string& name) const
{
    const auto has_name = [&](const Option& o) { return o.name == name; };
    const auto own = std::find_if(m_spec->options.begin(), m_spec->options.end(), has_name);
    if (own != m_spec->options.end()) {
        return *own;
    }
    const auto* const common = std::find_if(common_options().begin(), common_options().end(), has_name);
    if (common == common_options().end()) {
        throw std::logic_error("option '" + name + "' is not in the table of " + std::string(m_spec->name));
    }
    return *common;
}

bool Invocation::given(const std::string& name) const { return m_given.count(std::string(option(name).name)) != 0; }

std::optional<std::string> Invocation::value(const std::string& name) const
{
    const Option& wanted = option(name);
    const auto found = m_given.find(name);
    if (found != m_given.end()) {
        return found->second;
    }
    if (const auto variable = variable_of(wanted)) {
        return sys::env(*variable);
    }
    return wanted.default_value.empty() ? std::nullopt : std::optional<std::string>(wanted.default_value);
}

std::string Invocation::required(const std::string& name) const
{
    const auto result = value(name);
    if (!result) {
        throw usage_error(*m_spec, "option '--" + name + "' is missing");
    }
    return *result;
}

bool Invocation::flag(const std::string& name) const
{
    return setting(name, parse_flag, "neither yes nor no").value_or(false);
}

std::string Invocation::default_value(const std::string& name) const { return std::string(option(name).default_value); }

void Invocation::ignore_or_throw(const std::string& name, const std::string& text, const std::string& why) const
{
    const std::string fault = quoted(text) + " is " + why;
    if (given(name)) {
        throw usage_error(*m_spec, "option '--" + name + "': " + fault);
    }
    const std::string message = variable_of(option(name)).value_or(name) + ": " + fault;
    if (option(name).bad_value == BadValue::refuse) {
        throw Error(ExitCode::config, message);
    }
    const auto standard = default_value(name);
    log::warning(message + ", ignoring" + (standard.empty() ? "" : "; using " + standard));
}

std::optional<std::chrono::milliseconds> Invocation::duration(const std::string& name) const
{
    return setting(name, parse_duration, "not a duration such as 30, 500ms, 2m or 1h");
}

std::optional<std::chrono::milliseconds> Invocation::period(const std::string& name) const
{
    return setting(name, parse_period, "not a period such as 30, 500ms or 2m, at least 100ms");
}

std::optional<std::uint64_t> Invocation::number(const std::string& name, std::uint64_t min, std::uint64_t max) const
{
    return setting(
        name, [&](const std::string& text) { return parse_unsigned(text, min, max); },
        "not a whole number from " + std::to_string(min) + " to " + std::to_string(max));
}

std::optional<std::uint64_t> Invocation::size(const std::string& name) const
{
    const auto parse = [](const std::string& text) {
        const auto bytes = parse_size(text);
        return bytes > 0U ? bytes : std::nullopt;
    };
    return setting(name, parse, "not a size such as 500M or 2G");
}

}  // namespace dcm::cli
