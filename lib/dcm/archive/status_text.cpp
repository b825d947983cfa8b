// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/status.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/job_record.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace dcm::archive {

namespace {

std::string local_time(std::time_t time)
{
    std::tm local{};
    localtime_r(&time, &local);
    std::array<char, 48> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
    return text.data();
}

std::string age(std::time_t time, std::time_t now)
{
    return human_duration(std::chrono::seconds(now > time ? now - time : 0));
}

std::string row(const std::string& name, const std::string& text)
{
    constexpr std::size_t column = 12;
    std::string line = name.empty() ? "" : name + ":";
    line.resize(std::max(column, line.size() + 1), ' ');
    return line + printable(text) + "\n";
}

std::string server_text(const Status& status)
{
    std::string text = "PID " + std::to_string(status.server_pid);
    if (status.resident) {
        text += ", holds " + human_size(*status.resident) + " of memory";
    }
    if (status.max_rss) {
        text += ", DCM_MAX_RSS " + human_size(*status.max_rss);
    }
    if (status.memory_limit) {
        text += ", container's limit " + human_size(*status.memory_limit);
    }
    if (status.ready_after_ms) {
        text += ", was ready " + human_duration(std::chrono::milliseconds(*status.ready_after_ms)) + " after its start";
    }
    return text;
}

std::string dicom_text(const Status& status, std::time_t now)
{
    std::string text = "port " + std::to_string(status.port) + ", AE title " + status.aet + ": ";
    if (status.dicom_checked == 0) {
        return text + "not asked yet";
    }
    text += status.dicom_answer == "none" ? "no answer" : status.dicom_answer;
    if (!status.dicom_text.empty()) {
        text += " (" + status.dicom_text + ")";
    }
    return text + ", " + age(status.dicom_checked, now) + " ago";
}

std::string restarts_text(const Status& status)
{
    std::string text = std::to_string(status.all_restarts());
    for (const auto& [kind, count] : status.restarts) {
        text += ", " + kind + " " + std::to_string(count);
    }
    return text;
}

std::string restart_text(const Restart& restart)
{
    std::string text = local_time(restart.time) + " " + restart.reason;
    if (restart.away_ms) {
        text += "; away for " + human_duration(std::chrono::milliseconds(*restart.away_ms));
    }
    return text;
}

std::string job_text(const sys::JobResult& job)
{
    std::string text = job.name + " (" + job.user + "): ";
    if (job.status) {
        text += (job.status->success() ? "succeeded" : "failed: " + job.status->str()) + ", last run " +
                local_time(job.started_ms / 1000) + ", took " + human_duration(job.duration);
    } else {
        text += job.running > 0 ? "runs for the first time" : "has not run";
    }
    text += "; " + std::to_string(job.runs) + " runs, " + std::to_string(job.failures) + " failed";
    return job.skipped == 0 ? text : text + ", " + std::to_string(job.skipped) + " skipped";
}

std::string jobs_rows(const std::string& json)
{
    std::string text;
    const auto jobs = sys::parse_job_results(json);
    for (const auto& job : jobs ? *jobs : std::vector<sys::JobResult>{}) {
        text += row(text.empty() ? "jobs" : "", job_text(job));
    }
    return text;
}

// As dcm-wait-db left it: it looks before the server starts, nobody after.
std::string database_rows(const std::string& json)
{
    const auto database = nlohmann::json::parse(json, nullptr, false);
    if (!database.is_object()) {
        return {};
    }
    const auto text_of = [&](const char* key) { return database.value(key, nlohmann::json()); };
    const auto word = [](const nlohmann::json& value) { return value.is_string() ? value.get<std::string>() : ""; };
    const std::string message = word(text_of("message"));
    std::string text =
        row("database", word(text_of("state")) + " at the start" + (message.empty() ? "" : ": " + message));
    for (const auto& warning : text_of("warnings")) {
        text += row("", "warning: " + word(warning));
    }
    return text;
}

void add_metric(std::string& text, const std::string& name, const char* type, const char* help,
                const std::string& value, const std::string& labels = {})
{
    const std::string full = "dcm_archive_" + name;
    if (text.find("# TYPE " + full + " ") == std::string::npos) {
        text += "# HELP " + full + " " + help + "\n# TYPE " + full + " " + type + "\n";
    }
    text += full + labels + " " + value + "\n";
}

}  // namespace

std::string describe_status(const Status& status, std::time_t now)
{
    std::string text = row("state", status.state + " for " + age(status.since, now) +
                                        (status.reason.empty() ? "" : ": " + status.reason));
    if (status.server_pid != 0) {
        text += row("server", server_text(status));
    }
    text += row("dicom", dicom_text(status, now));
    text += row("restarts", restarts_text(status));
    for (const auto& restart : status.last_restarts) {
        text += row("", restart_text(restart));
    }
    if (status.last_end) {
        text += row("last end", "of the server, " + local_time(status.last_end->time) + ": " + status.last_end->text);
    }
    if (status.oom_kills.value_or(0) > 0) {
        text += row("memory", std::to_string(*status.oom_kills) +
                                  " processes of this container were killed because its memory limit was reached");
    }
    text += row("cron", status.cron_pid != 0 ? "PID " + std::to_string(status.cron_pid) : "does not run");
    text += jobs_rows(status.jobs) + database_rows(status.database);
    for (const auto& warning : status.warnings) {
        text += row(&warning == &status.warnings.front() ? "at start" : "", warning);
    }
    return text;
}

std::string format_metrics(const Status& status)
{
    std::string text;
    for (const char* const state : {"starting", "ready", "silent", "restarting", "waiting", "stopping", "ended"}) {
        add_metric(text, "state", "gauge", "What dcm-start is at: 1 for the state that holds.",
                   status.state == state ? "1" : "0", std::string("{state=\"") + state + "\"}");
    }
    add_metric(text, "fault", "gauge", "1 while a person should look.", status.fault ? "1" : "0");
    add_metric(text, "start_warnings", "gauge", "What the last start of the container complained about.",
               std::to_string(status.warnings.size()));
    add_metric(text, "state_since_seconds", "gauge", "Unix time of the last change of state.",
               std::to_string(status.since));
    if (status.server_started != 0) {
        add_metric(text, "server_started_seconds", "gauge", "Unix time of the server's last start.",
                   std::to_string(status.server_started));
    }
    add_metric(text, "updated_seconds", "gauge", "Unix time of this file.", std::to_string(status.updated));
    add_metric(text, "dicom_answers", "gauge", "1 when the last C-ECHO was answered.",
               status.dicom_checked != 0 && status.dicom_answer != "none" ? "1" : "0");
    const auto add_size = [&](const char* name, const char* help, const std::optional<std::uint64_t>& value) {
        if (value) {
            add_metric(text, name, "gauge", help, std::to_string(*value));
        }
    };
    add_size("resident_memory_bytes", "Memory that the JVM holds.", status.resident);
    add_size("memory_limit_bytes", "What the container may use.", status.memory_limit);
    add_size("max_rss_bytes", "DCM_MAX_RSS.", status.max_rss);
    if (status.oom_kills) {
        add_metric(text, "oom_kills_total", "counter", "Processes killed for want of memory.",
                   std::to_string(*status.oom_kills));
    }
    for (const char* const kind : {restart_kind::requested, restart_kind::memory, restart_kind::ended,
                                   restart_kind::crashed, restart_kind::itself}) {
        const auto found = status.restarts.find(kind);
        add_metric(text, "restarts_total", "counter", "Restarts of the server in place.",
                   std::to_string(found == status.restarts.end() ? 0 : found->second),
                   std::string("{kind=\"") + kind + "\"}");
    }
    if (!status.last_restarts.empty() && status.last_restarts.back().away_ms) {
        const auto ms = *status.last_restarts.back().away_ms;
        add_metric(text, "last_restart_away_seconds", "gauge", "How long the last restart took until it was ready.",
                   std::to_string(ms / 1000));
    }
    return text;
}

}  // namespace dcm::archive
