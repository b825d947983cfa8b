// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/cron/hints.hpp>
#include <dcm/cron/job_lock.hpp>
#include <dcm/cron/line.hpp>
#include <dcm/cron/next.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

namespace dcm::cron {

namespace {

// Words that a shell knows itself.
constexpr std::array<std::string_view, 32> k_shell_words{
    ".",     "[",    "[[",   "bg",     "cd",    "command", "echo",  "eval", "exec",  "exit",   "export",
    "false", "for",  "if",   "kill",   "let",   "printf",  "pwd",   "read", "set",   "source", "test",
    "time",  "trap", "true", "ulimit", "umask", "unset",   "until", "wait", "while", "case"};

// The program that a command begins with, without assignments before it; empty when only a shell can tell.
std::string_view first_program(std::string_view command)
{
    for (const auto word : split(command, ' ')) {
        const auto plain = word.substr(0, word.find_first_of(";&|<>\t"));
        if (plain.empty()) {
            continue;
        }
        if (plain.find_first_of("$`'\"\\*?~(){}!#") != std::string_view::npos) {
            return {};
        }
        if (plain.find('=') == std::string_view::npos) {
            return plain;
        }
    }
    return {};
}

bool is_program(const std::string& path)
{
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 0111U) != 0;
}

bool is_in_path(std::string_view program, const std::string& path)
{
    const auto directories = split(path, ':');
    return std::any_of(directories.begin(), directories.end(), [&program](std::string_view directory) {
        return is_program(std::string(directory).append("/").append(program));
    });
}

// Whether a script's first line ends the Windows way: its interpreter is then looked for under a wrong name.
bool has_windows_interpreter(const std::string& path)
{
    const sys::Fd fd = sys::open_fd(path, O_RDONLY);
    std::array<char, 256> text{};
    const auto got = fd ? ::read(fd.get(), text.data(), text.size()) : -1;
    const std::string_view begin(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    return starts_with(begin, "#!") && ends_with(begin.substr(0, begin.find('\n')), "\r");
}

std::optional<std::string> program_fault(const std::string& program)
{
    struct stat status {};
    if (stat(program.c_str(), &status) != 0) {
        return "there is no " + quoted(program) + " here; mount it, or correct the path";
    }
    if (!is_program(program)) {
        return quoted(program) + " cannot be run; chmod +x it, or write 'sh " + program + "'";
    }
    if (has_windows_interpreter(program)) {
        return quoted(program) + " has Windows line ends, so its interpreter is not found; convert it with dos2unix";
    }
    return std::nullopt;
}

// What reads a table line by line, remembering the settings that hold for the jobs below them.
class Reader {
public:
    explicit Reader(const JobWorld& world) : m_world(world), m_path(world.path) {}

    void read(std::size_t number, std::string_view text)
    {
        m_number = number;
        const Line line = parse_line(text);
        if (line.kind == Line::Kind::setting) {
            read_setting(line);
        } else if (line.kind == Line::Kind::job) {
            read_schedule(line);
            read_command(line.command);
        }
    }

    std::vector<Hint> take() { return std::move(m_hints); }

private:
    void say(std::string text) { m_hints.push_back({m_number, std::move(text)}); }

    void read_setting(const Line& line)
    {
        if ((line.name == "TZ" || line.name == "CRON_TZ") && line.value != m_world.zone) {
            say(line.name + " does not move the schedule, it only reaches the jobs; set TZ of the container");
        } else if (line.name == "PATH") {
            m_path = line.value;
        } else if (line.name == "SHELL" && !is_program(line.value)) {
            say("there is no shell " + quoted(line.value) + ", so no job below runs; write its whole path");
        } else if (line.name == "DCM_JOB_LOCK" && !parse_overlap(line.value)) {
            say("DCM_JOB_LOCK is skip, wait or no, not " + quoted(line.value));
        }
    }

    void read_schedule(const Line& line)
    {
        if (!line.schedule.at_start && next_runs(line.schedule, std::time(nullptr), 1).empty()) {
            say("this day never comes, the job never runs; correct day and month");
        } else if (!line.schedule.any_day && !line.schedule.any_weekday && !line.schedule.at_start) {
            say("day of the month and weekday are both given: the job runs on either, not only where both fit");
        }
    }

    void read_command(const std::string& command)
    {
        if (trim(command).empty()) {
            say("there is no command behind the schedule, nothing runs");
            return;
        }
        if (has_input(command)) {
            say("the command ends at the first %, the rest becomes its input; write \\% for a percent sign");
        }
        if (m_world.user != "root" && command.find("/proc/1/fd/") != std::string::npos) {
            say("only root may write to /proc/1/fd, the job does not run; take that away, its output is logged anyway");
        }
        read_program(std::string(first_program(command)));
    }

    void read_program(const std::string& program)
    {
        const bool is_shell_word =
            std::find(k_shell_words.begin(), k_shell_words.end(), program) != k_shell_words.end();
        if (program.empty() || is_shell_word) {
            return;
        }
        if (program[0] == '/') {
            if (auto fault = program_fault(program)) {
                say(std::move(*fault));
            }
        } else if (program.find('/') == std::string::npos && !is_in_path(program, m_path)) {
            if (getpwnam(program.c_str()) != nullptr) {
                say("six fields are for /etc/crontab: " + quoted(program) + " is run as a command here; take it away");
            } else {
                say(quoted(program) + " is not in PATH (" + m_path + "); write its whole path");
            }
        }
    }

    const JobWorld& m_world;
    std::string m_path;
    std::size_t m_number = 0;
    std::vector<Hint> m_hints;
};

}  // namespace

std::vector<Hint> hints(std::string_view table, const JobWorld& world)
{
    Reader reader(world);
    std::size_t number = 0;
    for (const auto line : split(table, '\n')) {
        reader.read(++number, line);
    }
    return reader.take();
}

}  // namespace dcm::cron
