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

JobResult from_json(const Json& json)
{
    JobResult result;
    result.id = json.at("id").get<std::string>();
    result.name = json.at("name").get<std::string>();
    result.user = json.at("user").get<std::string>();
    result.started_ms = json.at("started_ms").get<std::int64_t>();
    result.duration = std::chrono::milliseconds(json.value("duration_ms", std::int64_t{0}));
    if (json.contains("signal")) {
        result.status = ExitStatus::killed(json.at("signal").get<int>());
    } else if (json.contains("status")) {
        result.status = ExitStatus::exited(json.at("status").get<int>());
    }
    result.running = json.at("running").get<std::uint64_t>();
    result.pid = json.at("pid").get<pid_t>();
    result.runs = json.at("runs").get<std::uint64_t>();
    result.failures = json.at("failures").get<std::uint64_t>();
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
