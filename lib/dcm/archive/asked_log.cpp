// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/asked_log.hpp>
#include <dcm/archive/server_log.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/answer.hpp>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_limit = 10s;
constexpr std::size_t k_last_lines = 10;

// In a child, which has the server's rights from here on.
std::optional<sys::Beneath> log_as_server(const Settings& settings)
{
    const RunAs& server = settings.run_as;
    return sys::reduce_to(server.privileges, server.user) ? log_directory(settings.server()) : std::nullopt;
}

std::string cannot_look(const Settings& settings, const std::string& reason)
{
    return "cannot look into " + quoted(settings.server() + "/log") + ": " + reason;
}

// Keeps the log and prints, line by line, what end_of_log says of it and the warnings. In a child.
std::string keep_and_say(const Settings& settings)
{
    std::string warnings;
    if (const auto directory = log_as_server(settings)) {
        keep_server_log(*directory, k_server_log, settings.log_keep,
                        [&warnings](const Notice& notice) { warnings += "\n" + notice.message; });
    } else if (errno != ENOENT) {
        throw Error(ExitCode::io_error, errno_text(errno));
    }
    const LogEnd end = end_of_log(settings.server());
    return std::to_string(end.inode) + "\n" + std::to_string(end.offset) + warnings;
}

// Throws Error(temp_fail) for a file system that does not answer. What else fails is a warning: a server whose log is
// not kept starts.
std::optional<std::string> keep_within_limit(const Settings& settings, const Notify& notify)
{
    try {
        if (auto answer = sys::answer_within(k_limit, [&] { return keep_and_say(settings); })) {
            return answer;
        }
    } catch (const Error& failure) {
        notify({Level::warning,
                cannot_look(settings, failure.what()) + ", proceeding without keeping the log; look at that directory",
                {}});
        return std::nullopt;
    }
    throw Error(ExitCode::temp_fail, "the file system of " + quoted(settings.server()) + " has not answered for " +
                                         human_duration(k_limit) + "; is its server there?");
}

}  // namespace

std::optional<LogEnd> keep_log(const Settings& settings, const Notify& notify)
{
    const auto answer = keep_within_limit(settings, notify);
    if (!answer) {
        return std::nullopt;
    }
    const auto lines = split(*answer, '\n');
    for (std::size_t i = 2; i < lines.size(); ++i) {
        notify({Level::warning, std::string(lines[i]), {}});
    }
    const auto number = [&](std::size_t i) {
        return i < lines.size() ? parse_unsigned(lines[i], 0, INT64_MAX).value_or(0) : 0;
    };
    return LogEnd{static_cast<ino_t>(number(0)), static_cast<off_t>(number(1))};
}

std::vector<std::string> last_lines_of_log(const Settings& settings)
try {
    const auto answer = sys::answer_within(k_limit, [&] {
        const auto directory = log_as_server(settings);
        std::string text;
        for (const auto& line :
             directory ? last_lines(*directory, k_server_log, k_last_lines) : std::vector<std::string>{}) {
            text += line + "\n";
        }
        return text;
    });
    if (!answer) {
        return {"not to be read: its file system does not answer"};
    }
    std::vector<std::string> lines;
    for (const auto line : split(*answer, '\n')) {
        if (!line.empty()) {
            lines.emplace_back(line);
        }
    }
    return lines;
} catch (const Error& failure) {
    return {cannot_look(settings, failure.what())};
}

}  // namespace dcm::archive
