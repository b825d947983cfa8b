// SPDX-License-Identifier: Apache-2.0
#include <dcm/cli/run.hpp>
#include <dcm/cli/variables.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/exec.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/signals.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>

namespace dcm::cli {

namespace {

// Through the environment of the process that they all are, one after the other, the commands of a chain hand on what
// they had to complain about, for the status that the last one keeps: one line each.
constexpr const char* k_complaints = "_DCM_COMPLAINTS";

void take_complaints()
{
    const std::string lines = sys::env(k_complaints).value_or("");
    unsetenv(k_complaints);
    for (const auto line : split(lines, '\n')) {
        if (!line.empty()) {
            log::keep(printable(line));
        }
    }
}

void hand_on_complaints()
{
    std::string lines;
    for (const auto& line : log::kept()) {
        lines += line + "\n";
    }
    if (!lines.empty()) {
        setenv(k_complaints, lines.c_str(), 1);
    }
}

void print(const std::string& text)
{
    if (!sys::write_all(STDOUT_FILENO, text)) {
        throw Error(ExitCode::io_error, "cannot write to standard output");
    }
}

void configure_log(const Spec& spec, const Invocation& invocation)
{
    log::Settings settings{std::string(spec.name), Level::info, log::Format::text};
    settings.format = *invocation.setting("log-format", log::parse_format, "neither text nor json");
    log::configure(settings);
    settings.level = *invocation.setting("log-level", log::parse_level, "not error, warning, info or debug");
    log::configure(settings);
}

void hint_at_typos(const Spec& spec)
{
    std::vector<std::string> environment;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        environment.emplace_back(*entry);
    }
    for (const auto& hint : typo_hints(std::string(spec.name), environment)) {
        log::warning(hint);
    }
}

// It would hold passwords, of whatever this process becomes as well.
void write_no_core()
{
    rlimit limit{};
    getrlimit(RLIMIT_CORE, &limit);
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &limit);
}

int run_checked(const Spec& spec, const std::vector<std::string>& arguments, Body body)
{
    take_complaints();
    const Invocation invocation = parse(spec, arguments);
    if (invocation.flag("help")) {
        print(help_text(spec));
        return 0;
    }
    if (invocation.flag("version")) {
        print(std::string(spec.name) + " " DCM_VERSION "\n");
        return 0;
    }
    configure_log(spec, invocation);
    hint_at_typos(spec);
    const int status = body(invocation);
    if (status == 0 && spec.trailing == Trailing::command && !invocation.trailing().empty()) {
        if (sys::is_tool(invocation.trailing()[0])) {
            hand_on_complaints();
        }
        sys::exec_command(invocation.trailing());
    }
    return status;
}

}  // namespace

int run(int argc, char** argv, const Spec& spec, Body body)
{
    sys::end_on_signals();
    write_no_core();
    // What is wrong with the command line itself is told in the format that the container asks for, too.
    const auto format = log::parse_format(sys::env("DCM_LOG_FORMAT").value_or(""));
    log::configure({std::string(spec.name), Level::info, format.value_or(log::Format::text)});
    try {
        return run_checked(spec, {argv + 1, argv + argc}, body);
    } catch (const Error& failure) {
        Notice notice{Level::error, failure.what(), {}};
        if (!failure.cause().empty()) {
            notice.fields.emplace_back("cause", failure.cause());
        }
        log::write(notice);
        return to_int(failure.code());
    } catch (const std::exception& failure) {
        log::error(std::string("unexpected: ") + failure.what() + "; this is a bug, please report it");
        return to_int(ExitCode::software);
    }
}

}  // namespace dcm::cli
