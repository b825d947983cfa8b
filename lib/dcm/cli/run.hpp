// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/error.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::cli {

// What a value that cannot be used does when it comes from a variable: a warning, and the default counts (a slip in a
// compose file must not keep an archive down), or Error(config), where going on could do what was not meant. On the
// command line it is always Error(usage).
enum class BadValue { ignore, refuse };

// One long option. `metavar` empty: a flag. `env`: the variable that stands in for the option when it is not given, or
// several, of which the first that is set counts (a flag's says 1, true, yes or on; 0, false, no or off). One that
// begins with an underscore is for our own programs and tests, and stands nowhere else. A row without a name is the
// heading, in --help, of those below it.
struct Option {
    std::string_view name;
    std::string_view metavar;
    std::string_view help;  // what it does, with units and the default in words
    std::string_view env = {};
    std::string_view default_value = {};
    BadValue bad_value = BadValue::ignore;
};

// What follows `--`: a command to become on success, or arguments for `body` to pass on.
enum class Trailing { command, arguments };

// What `--help` says, beside the tables of variables and of exit statuses, and what the command line is checked
// against.
struct Spec {
    std::string_view name;
    std::string_view purpose;  // one sentence
    std::vector<Option> options;
    std::string_view example;
    Trailing trailing = Trailing::command;
    std::string_view trailing_name = "COMMAND [ARG...]";
};

// The checked command line: option, else environment, else default.
class Invocation {
public:
    Invocation(const Spec& spec, std::map<std::string, std::string> given, std::vector<std::string> trailing);

    // Throws std::logic_error for a name that the spec does not have.
    std::optional<std::string> value(const std::string& name) const;
    std::string required(const std::string& name) const;  // has a default, or throws Error(usage)
    bool flag(const std::string& name) const;             // as `setting`
    bool given(const std::string& name) const;            // on the command line itself

    // Converted and range-checked; what is wrong is dealt with as the option's row says.
    std::optional<std::chrono::milliseconds> duration(const std::string& name) const;
    std::optional<std::chrono::milliseconds> period(const std::string& name) const;
    std::optional<std::uint64_t> number(const std::string& name, std::uint64_t min, std::uint64_t max) const;
    std::optional<std::uint64_t> size(const std::string& name) const;

    const std::vector<std::string>& trailing() const { return m_trailing; }

    // The value, converted by `parse` (text to optional); nullopt when there is none. `why` completes "'TEXT' is ".
    template <typename Parse>
    auto setting(const std::string& name, Parse parse, const std::string& why) const -> decltype(parse(std::string()))
    {
        const auto text = value(name);
        if (!text) {
            return std::nullopt;
        }
        if (auto result = parse(*text)) {
            return result;
        }
        ignore_or_throw(name, *text, why);
        const auto standard = default_value(name);
        return standard.empty() ? std::nullopt : parse(standard);
    }

private:
    const Option& option(const std::string& name) const;
    std::string default_value(const std::string& name) const;
    void ignore_or_throw(const std::string& name, const std::string& text, const std::string& why) const;

    const Spec* m_spec;
    std::map<std::string, std::string> m_given;
    std::vector<std::string> m_trailing;
};

// What a command does once its command line is sound: returns the exit status, or throws Error.
using Body = int (*)(const Invocation&);

// The main of every command: options (no abbreviations), --help, --version, --log-level, --log-format, typo hints for
// the environment, error to exit status. When `body` returns 0 and a command was given, becomes that command; one of
// the toolkit's own finds in log::kept() what was kept before.
int run(int argc, char** argv, const Spec& spec, Body body);

// For tests of a tool's option table: parse without running. Throws Error(usage).
Invocation parse(const Spec& spec, const std::vector<std::string>& arguments);

// The text of --help.
std::string help_text(const Spec& spec);

}  // namespace dcm::cli
