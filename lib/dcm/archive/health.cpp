// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/health.hpp>
#include <dcm/archive/process_table.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <ctime>
#include <utility>

namespace dcm::archive {

namespace {

constexpr std::string_view k_tools = "dcm-";
constexpr std::time_t k_stale = 300;  // seconds; the file is written every minute

std::string text_of(const nlohmann::json& object, const char* key)
{
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
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
        const auto database = nlohmann::json::parse(sys::read_or_empty(run_dir + "/db.json"), nullptr, false);
        auto why = text_of(database, "message");
        why = why.empty() ? text_of(database, "cause") : why;
        return {ExitCode::ok, "starting: waiting for the database" + (why.empty() ? "" : ": " + printable(why)), false};
    }
    if (starts_with(command, k_tools)) {
        return {ExitCode::ok, "starting: " + printable(command) + " is at work", false};
    }
    return {ExitCode::unavailable, "dcm-start does not run in this container", false};
}

// What the dcm-start says that lives; nothing of one that is gone.
std::optional<Status> living_status(const std::string& run_dir)
{
    auto status = parse_status(sys::read_or_empty(run_dir + "/status.json"));
    return status && start_ticks_of(status->pid) == status->start_ticks ? std::move(status) : std::nullopt;
}

}  // namespace

std::uint64_t start_ticks_of(pid_t pid)
{
    const std::string stat = sys::read_or_empty("/proc/" + std::to_string(pid) + "/stat");
    const auto close = stat.rfind(") ");
    if (close == std::string::npos) {
        return 0;
    }
    const auto fields = split(std::string_view(stat).substr(close + 2), ' ');  // from field 3 on
    return fields.size() > 19 ? parse_unsigned(fields[19], 0, UINT64_MAX).value_or(0) : 0;
}

Health judge_health(const Status& status, std::time_t now)
{
    if (status.updated + k_stale < now) {
        return {ExitCode::unavailable, "dcm-start has said nothing for " +
                                           human_duration(std::chrono::seconds(now - status.updated)) + " (it was " +
                                           status.state + ")"};
    }
    const std::string reason = status.state + (status.reason.empty() ? "" : ": " + printable(status.reason));
    const bool ready = status.state == "ready";
    const bool bad = status.fault || status.state == "silent" || status.state == "ended";
    return {bad ? ExitCode::unavailable : ExitCode::ok, reason, ready};
}

Report read_report(const std::string& run_dir, std::time_t now)
{
    Report report;
    report.status = living_status(run_dir);
    report.health = report.status ? judge_health(*report.status, now) : judge_chain(run_dir);
    return report;
}

void refuse_second(const std::string& run_dir)
{
    const auto other = living_status(run_dir);
    if (other && other->pid != getpid() && other->start_ticks != 0 && other->state != "ended") {
        throw Error(ExitCode::unavailable, "the archive runs here already, under the dcm-start with PID " +
                                               std::to_string(other->pid) +
                                               "; ask that one: dcm-start --status, dcm-start --restart");
    }
}

Reply tell_status(const std::string& run_dir, Form form)
{
    const std::time_t now = std::time(nullptr);
    const Report report = read_report(run_dir, now);
    if (report.status) {
        return {ExitCode::ok,
                form == Form::json ? format_status(*report.status) : describe_status(*report.status, now)};
    }
    Status status;  // of a chain that has not come to dcm-start yet
    const auto colon = report.health.reason.find(": ");
    const bool starting = report.health.code == ExitCode::ok && colon != std::string::npos;
    status.state = starting ? report.health.reason.substr(0, colon) : "none";
    status.reason = starting ? report.health.reason.substr(colon + 2) : report.health.reason;
    status.updated = now;
    const std::string line = status.state + ": " + status.reason + "\n";
    return {starting ? ExitCode::ok : ExitCode::unavailable, form == Form::json ? format_status(status) : line};
}

Reply tell_health(const std::string& run_dir, Want want)
{
    const Health health = read_report(run_dir, std::time(nullptr)).health;
    const bool waiting = want == Want::ready && health.code == ExitCode::ok && !health.ready;
    return {waiting ? ExitCode::temp_fail : health.code, health.reason + "\n"};
}

}  // namespace dcm::archive
