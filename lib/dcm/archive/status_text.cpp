// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/json_view.hpp>
#include <dcm/archive/status.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/job_record.hpp>

#include <algorithm>
#include <array>

namespace dcm::archive {

namespace {

std::string local_time(std::time_t time) { return format_time(time, "%Y-%m-%d %H:%M:%S", ClockOf::here); }

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

std::string size_at(const JsonView& status, const char* path)
{
    return human_size(static_cast<std::uint64_t>(status.number(path).value_or(0)));
}

std::string duration_at(const JsonView& view, const char* path)
{
    return human_duration(std::chrono::milliseconds(view.number(path).value_or(0)));
}

std::string server_text(const JsonView& status)
{
    std::string text = "PID " + std::to_string(status.number("/server/pid").value_or(0));
    if (status.number("/server/rss_bytes")) {
        text += ", holds " + size_at(status, "/server/rss_bytes") + " of memory";
    }
    if (status.number("/memory/max_rss_bytes")) {
        text += ", DCM_MAX_RSS " + size_at(status, "/memory/max_rss_bytes");
    }
    if (status.number("/memory/limit_bytes")) {
        text += ", container's limit " + size_at(status, "/memory/limit_bytes");
    }
    if (status.number("/server/ready_after_ms")) {
        text += ", was ready " + duration_at(status, "/server/ready_after_ms") + " after its start";
    }
    return text;
}

std::string dicom_text(const JsonView& status, std::time_t now)
{
    std::string text = "port " + std::to_string(status.number("/dicom/port").value_or(0)) + ", AE title " +
                       status.text("/dicom/aet") + ": ";
    const auto checked = parse_utc(status.text("/dicom/checked"));
    if (checked == 0) {
        return text + "not asked yet";
    }
    const std::string answer = status.text("/dicom/answer");
    const std::string reason = status.text("/dicom/text");
    return text + (answer == "none" ? "no answer" : answer) + (reason.empty() ? "" : " (" + reason + ")") + ", " +
           age(checked, now) + " ago";
}

std::string restarts_text(const JsonView& status)
{
    std::string text = std::to_string(status.number("/restarts/count").value_or(0));
    for (const auto& [kind, count] : status.at("/restarts/kinds").items()) {
        text += ", " + kind + " " + (count.is_number_integer() ? std::to_string(count.get<std::int64_t>()) : "?");
    }
    return text;
}

std::string restart_text(const JsonView& restart)
{
    const std::string away =
        restart.number("/away_ms") ? "; away for " + duration_at(restart, "/away_ms") : std::string();
    return local_time(parse_utc(restart.text("/time"))) + " " + restart.text("/reason") + away;
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
    return text + "; " + std::to_string(job.runs) + " runs, " + std::to_string(job.failures) + " failed";
}

std::string jobs_rows(const Json& all)
{
    std::string text;
    const auto jobs = sys::parse_job_results(format_json(all));
    for (const auto& job : jobs ? *jobs : std::vector<sys::JobResult>{}) {
        text += row(text.empty() ? "jobs" : "", job_text(job));
    }
    return text;
}

std::string database_rows(const Json& value, std::time_t now)
{
    if (!value.is_object()) {
        return {};
    }
    const JsonView database(value);
    const std::string message = database.text("/message");
    const auto asked = parse_utc(database.text("/time").substr(0, 19) + "Z");  // without its fraction
    std::string text = row("database", database.text("/state") + (message.empty() ? "" : ": " + message) +
                                           (asked == 0 ? "" : ", " + age(asked, now) + " ago"));
    for (const auto& warning : database.at("/warnings")) {
        text += row("", "warning: " + (warning.is_string() ? warning.get<std::string>() : ""));
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

// One number of the status, as it is there.
struct Metric {
    const char* name;
    const char* type;
    const char* help;
    const char* path;
};

constexpr std::array<Metric, 4> k_numbers{
    {{"resident_memory_bytes", "gauge", "Memory that the JVM holds.", "/server/rss_bytes"},
     {"memory_limit_bytes", "gauge", "What the container may use.", "/memory/limit_bytes"},
     {"max_rss_bytes", "gauge", "DCM_MAX_RSS.", "/memory/max_rss_bytes"},
     {"oom_kills_total", "counter", "Processes killed for want of memory.", "/memory/oom_kills"}}};

constexpr std::array<Metric, 2> k_times{
    {{"server_started_seconds", "gauge", "Unix time of the server's last start.", "/server/started"},
     {"updated_seconds", "gauge", "Unix time of this file.", "/updated"}}};

void add_state(std::string& text, const JsonView& status)
{
    for (const char* const state : {"starting", "ready", "silent", "restarting", "waiting", "stopping", "ended"}) {
        add_metric(text, "state", "gauge", "What dcm-start is at: 1 for the state that holds.",
                   status.text("/state") == state ? "1" : "0", std::string("{state=\"") + state + "\"}");
    }
    bool fault = status.flag("/fault");
    for (const auto& condition : status.at("/conditions")) {
        fault = fault || JsonView(condition).flag("/fault");
    }
    add_metric(text, "fault", "gauge", "1 while a person should look.", fault ? "1" : "0");
    const bool answers = !status.text("/dicom/checked").empty() && status.text("/dicom/answer") != "none";
    add_metric(text, "dicom_answers", "gauge", "1 when the last C-ECHO was answered.", answers ? "1" : "0");
}

void add_restarts(std::string& text, const JsonView& status)
{
    for (const char* const kind : {restart_kind::requested, restart_kind::memory, restart_kind::ended,
                                   restart_kind::crashed, restart_kind::itself}) {
        const auto count = status.number((std::string("/restarts/kinds/") + kind).c_str()).value_or(0);
        add_metric(text, "restarts_total", "counter", "Restarts of the server in place.", std::to_string(count),
                   std::string("{kind=\"") + kind + "\"}");
    }
    const auto& last = status.at("/restarts/last");
    if (const auto away = JsonView(last.empty() ? Json() : last.back()).number("/away_ms")) {
        add_metric(text, "last_restart_away_seconds", "gauge", "How long the last restart took until it was ready.",
                   std::to_string(*away / 1000));
    }
}

}  // namespace

std::string describe_status(const Json& value, std::time_t now)
{
    const JsonView status(value);
    const std::string reason = status.text("/reason");
    std::string text = row("state", status.text("/state") + " for " + age(parse_utc(status.text("/since")), now) +
                                        (reason.empty() ? "" : ": " + reason));
    if (status.number("/server/pid").value_or(0) != 0) {
        text += row("server", server_text(status));
    }
    const char* name = "attention";
    for (const auto& condition : status.at("/conditions")) {
        text += row(name, JsonView(condition).text("/text"));
        name = "";
    }
    text += row("dicom", dicom_text(status, now));
    text += row("restarts", restarts_text(status));
    for (const auto& restart : status.at("/restarts/last")) {
        text += row("", restart_text(JsonView(restart)));
    }
    if (status.at("/last_end").is_object()) {
        text += row("last end", "of the server, " + local_time(parse_utc(status.text("/last_end/time"))) + ": " +
                                    status.text("/last_end/text"));
    }
    if (const auto kills = status.number("/memory/oom_kills").value_or(0); kills > 0) {
        text += row("memory", std::to_string(kills) +
                                  " processes of this container were killed because its memory limit was reached");
    }
    const auto cron = status.number("/cron/pid").value_or(0);
    text += row("cron", cron != 0 ? "PID " + std::to_string(cron) : "does not run");
    text += jobs_rows(status.at("/jobs")) + database_rows(status.at("/database"), now);
    name = "at start";
    for (const auto& warning : status.at("/warnings")) {
        text += row(name, warning.is_string() ? warning.get<std::string>() : "");
        name = "";
    }
    return text;
}

std::string format_metrics(const Json& value)
{
    const JsonView status(value);
    std::string text;
    add_state(text, status);
    for (const auto& metric : k_times) {
        if (const auto time = parse_utc(status.text(metric.path)); time != 0) {
            add_metric(text, metric.name, metric.type, metric.help, std::to_string(time));
        }
    }
    for (const auto& metric : k_numbers) {
        if (const auto number = status.number(metric.path)) {
            add_metric(text, metric.name, metric.type, metric.help, std::to_string(*number));
        }
    }
    add_restarts(text, status);
    return text;
}

}  // namespace dcm::archive
