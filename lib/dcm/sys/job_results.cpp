// SPDX-License-Identifier: Apache-2.0
#include <dcm/sys/job_record.hpp>

#include <nlohmann/json.hpp>

namespace dcm::sys {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const JobResult& result)
{
    Json json;
    json["id"] = result.id;
    json["name"] = result.name;
    json["user"] = result.user;
    json["started_ms"] = result.started_ms;
    if (result.status) {
        json["duration_ms"] = result.duration.count();
        json[result.status->signal() ? "signal" : "status"] =
            result.status->signal().value_or(result.status->shell_code());
    }
    json["running"] = result.running;
    json["pid"] = result.pid;
    json["runs"] = result.runs;
    json["failures"] = result.failures;
    return json;
}

// Throws for one with a fraction or an exponent, which fits into nothing.
std::int64_t whole(const Json& json, const char* name) { return json.at(name).get_ref<const std::int64_t&>(); }

JobResult from_json(const Json& json)
{
    const auto count = [&json](const char* name) { return static_cast<std::uint64_t>(whole(json, name)); };
    const auto status = [&json](const char* name) { return static_cast<std::uint8_t>(whole(json, name)); };
    JobResult result;
    result.id = json.at("id").get<std::string>();
    result.name = json.at("name").get<std::string>();
    result.user = json.at("user").get<std::string>();
    result.started_ms = whole(json, "started_ms");
    if (json.contains("duration_ms")) {
        result.duration = std::chrono::milliseconds(whole(json, "duration_ms"));
    }
    if (json.contains("signal")) {
        result.status = ExitStatus::killed(status("signal"));
    } else if (json.contains("status")) {
        result.status = ExitStatus::exited(status("status"));
    }
    result.running = count("running");
    result.pid = static_cast<pid_t>(whole(json, "pid"));
    result.runs = count("runs");
    result.failures = count("failures");
    return result;
}

}  // namespace

std::string format_job_results(const std::vector<JobResult>& results)
{
    Json jobs = Json::array();
    for (const auto& result : results) {
        jobs.push_back(to_json(result));
    }
    return Json{{"jobs", jobs}}.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<std::vector<JobResult>> parse_job_results(const std::string& text)
{
    try {
        std::vector<JobResult> results;
        const Json document = Json::parse(text);
        for (const auto& job : document.at("jobs")) {
            results.push_back(from_json(job));
        }
        return results;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

}  // namespace dcm::sys
