// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/health.hpp>
#include <dcm/archive/json_view.hpp>
#include <dcm/archive/process_table.hpp>
#include <dcm/archive/tcp_table.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>

#include <unistd.h>

#include <ctime>

namespace dcm::archive {

namespace {

constexpr std::string_view k_tools = "dcm-";
constexpr std::time_t k_stale = 300;  // seconds; the file is written every minute

// An object, or null where there is none.
Json read_json(const std::string& path)
{
    Json value = Json::parse(sys::read_or_empty(path), nullptr, false);
    return value.is_object() ? value : Json();
}

// The command of the chain that is at work: PID 1, or its child where PID 1 is the container engine's own init.
std::string chain_command()
{
    std::string first(trim(sys::read_or_empty("/proc/1/comm")));
    if (starts_with(first, k_tools)) {
        return first;
    }
    for (const auto& process : read_processes()) {
        if (process.parent == 1 && process.pid != getpid() && starts_with(process.name, k_tools)) {
            return process.name;
        }
    }
    return first;
}

// No dcm-start yet: what the chain is at.
Health judge_chain(const std::string& run_dir)
{
    const std::string command = chain_command();
    if (command == "dcm-wait-db") {
        const Json database = read_json(run_dir + "/db.json");
        auto why = JsonView(database).text("/message");
        why = why.empty() ? JsonView(database).text("/cause") : why;
        return {ExitCode::ok, "starting: waiting for the database" + (why.empty() ? "" : ": " + printable(why)), false};
    }
    if (starts_with(command, k_tools)) {
        return {ExitCode::ok, "starting: " + printable(command) + " is at work", false};
    }
    return {ExitCode::unavailable, "dcm-start does not run in this container", false};
}

// What is open at this moment, which nobody keeps.
void add_associations(Json& status)
{
    const auto port = static_cast<std::uint16_t>(JsonView(status).number("/dicom/port").value_or(0));
    status["dicom"]["associations"] = connections_to(read_tcp_table(), port);
}

pid_t pid_of(const Json& status) { return static_cast<pid_t>(JsonView(status).number("/pid").value_or(0)); }

// What the dcm-start says that lives; null of one that is gone.
Json living_status(const std::string& run_dir)
{
    Json status = read_json(run_dir + "/status.json");
    const auto ticks = JsonView(status).number("/start_ticks").value_or(0);
    const bool lives = ticks != 0 && start_ticks_of(pid_of(status)) == static_cast<std::uint64_t>(ticks);
    return lives ? status : Json();
}

}  // namespace

Health judge_health(const Json& value, std::time_t now)
{
    const JsonView status(value);
    const std::string state = status.text("/state");
    const auto updated = parse_utc(status.text("/updated"));
    if (updated + k_stale < now) {
        return {ExitCode::unavailable, "dcm-start has said nothing for " +
                                           human_duration(std::chrono::seconds(now - updated)) + " (it was " + state +
                                           ")"};
    }
    const std::string why = status.text("/reason");
    std::string reason = printable(state) + (why.empty() ? "" : ": " + printable(why));
    bool bad = status.flag("/fault") || state == "silent" || state == "ended";
    bool takes_images = state == "ready";
    for (const auto& condition : status.at("/conditions")) {
        const JsonView view(condition);
        reason += "; " + printable(view.text("/text"));
        bad = bad || view.flag("/fault");
        takes_images = takes_images && !view.flag("/fault");
    }
    return {bad ? ExitCode::unavailable : ExitCode::ok, reason, takes_images};
}

Report read_report(const std::string& run_dir, std::time_t now)
{
    Report report;
    report.status = living_status(run_dir);
    report.health = report.status.is_null() ? judge_chain(run_dir) : judge_health(report.status, now);
    return report;
}

void refuse_second(const std::string& run_dir)
{
    const Json other = living_status(run_dir);
    if (!other.is_null() && pid_of(other) != getpid() && JsonView(other).text("/state") != "ended") {
        throw Error(ExitCode::unavailable, "the archive runs here already, under the dcm-start with PID " +
                                               std::to_string(pid_of(other)) +
                                               "; ask that one: dcm-start --status, dcm-start --restart");
    }
}

Reply tell_status(const std::string& run_dir, Form form)
{
    const std::time_t now = std::time(nullptr);
    Report report = read_report(run_dir, now);
    if (!report.status.is_null()) {
        add_associations(report.status);
        return {ExitCode::ok, form == Form::json ? format_json(report.status) : describe_status(report.status, now)};
    }
    Status status;  // of a chain that has not come to dcm-start yet
    const auto colon = report.health.reason.find(": ");
    const bool starting = report.health.code == ExitCode::ok && colon != std::string::npos;
    status.state = starting ? report.health.reason.substr(0, colon) : "none";
    status.reason = starting ? report.health.reason.substr(colon + 2) : report.health.reason;
    status.updated = now;
    const std::string line = status.state + ": " + status.reason + "\n";
    return {starting ? ExitCode::ok : ExitCode::unavailable, form == Form::json ? format_json(to_json(status)) : line};
}

Reply tell_health(const std::string& run_dir, Want want)
{
    const Health health = read_report(run_dir, std::time(nullptr)).health;
    const bool waiting = want == Want::ready && health.code == ExitCode::ok && !health.ready;
    return {waiting ? ExitCode::temp_fail : health.code, health.reason + "\n"};
}

}  // namespace dcm::archive
