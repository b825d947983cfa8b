// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/status.hpp>
#include <dcm/core/text.hpp>

#include <nlohmann/json.hpp>

namespace dcm::archive {

namespace {

Json to_json(std::time_t time) { return time == 0 ? Json() : Json(format_utc(time)); }

template <typename T>
Json to_json(const std::optional<T>& value)
{
    return value ? Json(*value) : Json();
}

Json to_json(const Restart& restart)
{
    return {{"time", to_json(restart.time)},
            {"kind", restart.kind},
            {"reason", restart.reason},
            {"away_ms", to_json(restart.away_ms)}};
}

// null for what is no JSON.
Json parse(const std::string& text)
{
    Json value = Json::parse(text, nullptr, false);
    return value.is_discarded() ? Json() : value;
}

Json server_of(const Status& status)
{
    return {{"pid", status.server_pid},
            {"started", to_json(status.server_started)},
            {"ready_after_ms", to_json(status.ready_after_ms)},
            {"rss_bytes", to_json(status.resident)}};
}

Json memory_of(const Status& status)
{
    return {{"limit_bytes", to_json(status.memory_limit)},
            {"max_rss_bytes", to_json(status.max_rss)},
            {"oom_kills", to_json(status.oom_kills)}};
}

Json dicom_of(const Status& status)
{
    return {{"aet", status.aet},
            {"port", status.port},
            {"answer", status.dicom_answer},
            {"text", status.dicom_text},
            {"checked", to_json(status.dicom_checked)}};
}

Json restarts_of(const Status& status)
{
    Json last = Json::array();
    for (const auto& restart : status.last_restarts) {
        last.push_back(to_json(restart));
    }
    return {{"count", status.all_restarts()}, {"kinds", Json(status.restarts)}, {"last", last}};
}

Json conditions_of(const Status& status)
{
    Json conditions = Json::object();
    for (const auto& [name, condition] : status.conditions) {
        conditions[name] = {{"fault", condition.fault}, {"text", condition.text}};
    }
    return conditions;
}

// The state of this minute, and what the start warned of.
Json database_of(const Status& status)
{
    Json database = parse(status.database);
    const Json now = parse(status.database_now);
    if (!database.is_object()) {
        database = now;
    }
    for (const char* const key : {"time", "state", "cause", "message"}) {
        if (now.is_object() && now.contains(key)) {
            database[key] = now[key];
        }
    }
    return database;
}

}  // namespace

std::uint64_t Status::all_restarts() const
{
    std::uint64_t sum = 0;
    for (const auto& [kind, count] : restarts) {
        sum += count;
    }
    return sum;
}

Json to_json(const Status& status)
{
    Json all{{"version", status.version},
             {"state", status.state},
             {"reason", status.reason},
             {"fault", status.fault},
             {"conditions", conditions_of(status)},
             {"since", to_json(status.since)},
             {"updated", to_json(status.updated)},
             {"pid", status.pid},
             {"start_ticks", status.start_ticks},
             {"server", server_of(status)},
             {"memory", memory_of(status)},
             {"dicom", dicom_of(status)},
             {"restarts", restarts_of(status)},
             {"last_end", Json()},
             {"warnings", status.warnings},
             {"cron", {{"pid", status.cron_pid}}},
             {"jobs", parse(status.jobs)},
             {"database", database_of(status)}};
    if (status.last_end) {
        const auto& end = *status.last_end;
        all["last_end"] = {
            {"whose", "server"}, {"time", to_json(end.time)}, {"status", end.status}, {"text", end.text}};
    }
    return all;
}

std::string format_json(const Json& status)
{
    return status.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string format_end(const End& end)
{
    return format_utc(end.time) + " " + std::to_string(end.status) + " " + printable(end.text) + "\n";
}

std::optional<End> parse_end(std::string_view text)
{
    const auto first = text.find(' ');
    const auto second = first == std::string_view::npos ? first : text.find(' ', first + 1);
    if (second == std::string_view::npos || text.back() != '\n' || text.find('\n') != text.size() - 1) {
        return std::nullopt;
    }
    const auto time = parse_utc(std::string(text.substr(0, first)));
    const auto status = parse_unsigned(text.substr(first + 1, second - first - 1), 0, 255);
    if (time == 0 || !status) {
        return std::nullopt;
    }
    return End{time, static_cast<int>(*status), printable(text.substr(second + 1, text.size() - second - 2))};
}

std::string format_utc(std::time_t time) { return format_time(time, "%Y-%m-%dT%H:%M:%SZ", ClockOf::utc); }

std::time_t parse_utc(const std::string& text)
{
    std::tm utc{};
    const char* const end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return end != nullptr && *end == '\0' ? timegm(&utc) : 0;
}

}  // namespace dcm::archive
