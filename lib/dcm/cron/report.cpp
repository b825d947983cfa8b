// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/cron/crontab.hpp>
#include <dcm/cron/job_name.hpp>
#include <dcm/cron/line.hpp>
#include <dcm/cron/next.hpp>
#include <dcm/cron/report.hpp>
#include <dcm/cron/table.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/job_record.hpp>

#include <algorithm>
#include <array>
#include <csignal>

namespace dcm::cron {

namespace {

std::string local_time(std::time_t time)
{
    std::tm local{};
    localtime_r(&time, &local);
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), "%a %Y-%m-%d %H:%M:%S %Z", &local);
    return text.data();
}

std::string heading(const Line& job) { return job.when + "  " + printable(job.command) + "\n"; }

// "1 run", "3 runs"
std::string count(std::uint64_t number, const std::string& what)
{
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string last_result(const sys::JobResult& result)
{
    std::string text = "  " + result.name + ": ";
    if (result.started_ms > 0) {
        text += local_time(result.started_ms / 1000);
    }
    if (result.running > 0 && kill(result.pid, 0) == 0) {
        text += ", running (PID " + std::to_string(result.pid) + ")";
    } else if (result.status) {
        text += ", " + (result.status->success() ? "well" : result.status->str()) + " after " +
                human_duration(result.duration);
    }
    text += "; " + count(result.runs, "run") + ", " + std::to_string(result.failures) + " failed";
    return text + (result.skipped > 0 ? ", " + std::to_string(result.skipped) + " left out\n" : "\n");
}

std::vector<sys::JobResult> read_results(const std::string& directory)
{
    const auto text = sys::read_file(directory + "/jobs.json");
    return sys::parse_job_results(text.value_or("")).value_or(std::vector<sys::JobResult>{});
}

}  // namespace

std::string describe_next(const LoadSettings& settings, std::time_t now, std::size_t count)
{
    const auto text = sys::read_file(settings.file);
    if (!text) {
        throw Error(ExitCode::no_input,
                    "no such file: " + quoted(settings.file) + "; mount one there, or name another with --file");
    }
    std::string report;
    const std::string table = normalise(*text, settings.file).text;
    for (const auto line : split(table, '\n')) {
        const Line job = parse_line(line);
        if (job.kind != Line::Kind::job) {
            continue;
        }
        report += heading(job);
        for (const auto run : next_runs(job.schedule, now, count)) {
            report += "  " + local_time(run) + "\n";
        }
        report += job.schedule.at_start ? "  when the container starts\n" : "";
    }
    return report;
}

std::string describe_installed(const LoadSettings& settings)
{
    const auto table = installed_table(settings.spool, settings.user).value_or("");
    const auto results = read_results(settings.run_directory);
    std::string report;
    for (const auto line : split(without_banner(table), '\n')) {
        const Line job = parse_line(line);
        if (job.kind != Line::Kind::job) {
            continue;
        }
        const std::string id = job_id(shell_command(job.command));
        const auto result = std::find_if(results.begin(), results.end(), [&id, &settings](const auto& known) {
            return known.id == id && known.user == settings.user;
        });
        report += heading(job) + (result == results.end() ? "  not run yet\n" : last_result(*result));
    }
    return report;
}

}  // namespace dcm::cron
