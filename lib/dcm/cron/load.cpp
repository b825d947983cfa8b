// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/cron/crontab.hpp>
#include <dcm/cron/job_name.hpp>
#include <dcm/cron/load.hpp>
#include <dcm/cron/table.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace dcm::cron {

namespace {

constexpr std::uint64_t k_max_bytes = 1U << 20U;

std::optional<std::string> read_source(const std::string& path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
        throw Error(ExitCode::no_input,
                    quoted(path) +
                        " is a directory: the container engine makes one when the file to mount is missing on "
                        "the host; remove that directory there, put the file in its place and create the "
                        "container again");
    }
    return sys::read_file(path, k_max_bytes);
}

std::optional<Normalised> read_normalised(const LoadSettings& settings)
{
    const auto raw = read_source(settings.file);
    return raw ? std::optional(normalise(*raw, settings.file)) : std::nullopt;
}

void report_repairs(const LoadSettings& settings, const Normalised& table, const Notify& notify)
{
    for (const auto& repair : table.repairs) {
        notify({Level::info, quoted(settings.file) + ": " + repair, {}});
    }
}

[[noreturn]] void refuse(const LoadSettings& settings, const std::vector<BadLine>& bad, const Notify& notify)
{
    for (const auto& line : bad) {
        notify({Level::error,
                quoted(settings.file) + " line " + std::to_string(line.number) + ": " + line.reason + ": " +
                    quoted(line.text),
                {{"line", static_cast<long long>(line.number)}, {"reason", line.reason}}});
    }
    throw Error(ExitCode::data_error,
                quoted(settings.file) + " has " + std::to_string(bad.size()) + (bad.size() == 1 ? " line" : " lines") +
                    " that cron does not understand, so nothing was changed; correct the file and "
                    "run 'dcm-cron-load' again");
}

// A schedule that somebody made inside the container is theirs: it must not vanish without a trace.
void save_foreign(const LoadSettings& settings, std::string_view old, const Notify& notify)
{
    const auto time = format_time(std::time(nullptr), "%Y%m%d-%H%M%S", ClockOf::here);
    const std::string copy = settings.backups + "/crontab." + settings.user + "." + time;
    sys::write_file_atomically(copy, old, 0600);
    notify({Level::warning,
            "the crontab of " + quoted(settings.user) + " was changed inside the container; it is saved as " +
                quoted(copy) + " and replaced by " + quoted(settings.file),
            {{"saved", copy}}});
}

void publish_or_explain(const LoadSettings& settings, const Notify& notify)
{
    if (geteuid() != 0 || (!settings.container_starts && is_environment_published(settings.run_directory))) {
        return;
    }
    try {
        publish_environment(sys::environment(), settings.run_directory);
    } catch (const Error& failure) {
        notify(
            {Level::warning, std::string(failure.what()) + "; jobs do not see the environment of the container", {}});
    }
}

// A bind mount holds on to the file that it was made with: once its name on the host is another's, no name is left.
void warn_if_replaced(const std::string& file, const Notify& notify)
{
    struct stat status {};
    if (stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 0) {
        notify(
            {Level::warning,
             quoted(file) + " was replaced on the host, and this container keeps the old file; restart the container",
             {}});
    }
}

// What is kept is for a day when the file is broken: that it cannot be kept stops nothing.
void keep(const LoadSettings& settings, const std::string& text, const Notify& notify)
{
    if (!settings.kept) {
        return;
    }
    try {
        settings.kept->write(text);
    } catch (const Error& failure) {
        notify({Level::warning,
                std::string(failure.what()) + "; a new container would have no jobs while " + quoted(settings.file) +
                    " is broken",
                {}});
    }
}

// The command of `line`, which cron accepts; empty when it is no job.
std::string_view command_of(std::string_view line)
{
    line = trim(line);
    if (line.empty() || std::string_view("0123456789*@").find(line[0]) == std::string_view::npos) {
        return {};
    }
    for (int fields = line[0] == '@' ? 1 : 5; fields > 0; --fields) {
        line = trim(line.substr(std::min(line.find_first_of(" \t"), line.size())));
    }
    return line;
}

// "3 jobs (backup, prune-logs, check)", by their names: a line may hold a password.
std::string list_jobs(std::string_view table)
{
    std::string names;
    std::size_t count = 0;
    for (const auto line : split(table, '\n')) {
        if (const auto command = command_of(line); !command.empty()) {
            names += (count++ > 0 ? ", " : "") + job_name(command);
        }
    }
    return std::to_string(count) + (count == 1 ? " job (" : " jobs (") + names + ")";
}

// What runs although the crontab file is of no use.
std::string fall_back(const LoadSettings& settings)
{
    const auto installed = installed_table(settings.spool, settings.user);
    if (installed && has_entries(*installed)) {
        return "what was loaded before stays: " + list_jobs(*installed);
    }
    const auto kept = settings.kept ? settings.kept->read() : std::nullopt;
    if (kept && has_entries(*kept) && install(render(*kept, settings.job_shell), settings.user)) {
        return "the last crontab that was good runs: " + list_jobs(*kept);
    }
    return "no job runs";
}

}  // namespace

void check(const LoadSettings& settings, const Notify& notify)
{
    warn_if_replaced(settings.file, notify);
    const auto table = read_normalised(settings);
    if (!table) {
        throw Error(ExitCode::no_input,
                    "no such file: " + quoted(settings.file) + "; mount one there, or name another with --file");
    }
    report_repairs(settings, *table, notify);
    if (const auto bad = bad_lines(table->text); !bad.empty()) {
        refuse(settings, bad, notify);
    }
}

void load(const LoadSettings& settings, const Notify& notify)
{
    publish_or_explain(settings, notify);
    warn_if_replaced(settings.file, notify);
    const auto source = read_normalised(settings);
    if (!source) {
        notify({Level::info, "no " + quoted(settings.file) + ", no jobs to load", {}});
        return;
    }
    const std::string wanted = render(source->text, settings.job_shell);
    const auto installed = installed_table(settings.spool, settings.user);
    const std::string_view old = installed ? without_banner(*installed) : std::string_view{};
    if (old == wanted || (!installed && !has_entries(source->text))) {
        keep(settings, source->text, notify);
        notify({Level::debug, "the crontab of " + quoted(settings.user) + " is up to date", {}});
        return;
    }
    report_repairs(settings, *source, notify);
    // Saved before it is replaced, but not when the new table is refused: most often crontab's own check on installing
    // is enough, which saves the start of a second program.
    if (!is_rendered(old) && old != source->text && has_entries(old)) {
        if (const auto bad = bad_lines(source->text); !bad.empty()) {
            refuse(settings, bad, notify);
        }
        save_foreign(settings, old, notify);
    }
    if (!install(wanted, settings.user)) {
        refuse(settings, bad_lines(source->text), notify);
    }
    keep(settings, source->text, notify);
    notify({Level::info, "crontab of " + quoted(settings.user) + " loaded from " + quoted(settings.file), {}});
}

void load_or_explain(const LoadSettings& settings, const Notify& notify)
{
    if (geteuid() != 0) {
        notify(
            {Level::info, "not running as root, so cron cannot work; " + quoted(settings.file) + " is not loaded", {}});
        return;
    }
    try {
        load(settings, notify);
    } catch (const Error& failure) {
        std::string jobs = "no job runs";
        try {
            jobs = fall_back(settings);
        } catch (const Error& other) {
            notify({Level::debug, other.what(), {}});
        }
        notify({Level::error, std::string(failure.what()) + "; " + jobs, {}});
    }
}

}  // namespace dcm::cron
