// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/status.hpp>

#include <nlohmann/json.hpp>

#include <array>

namespace dcm::archive {

namespace {

using Json = nlohmann::ordered_json;

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

Json parse(const std::string& text) { return Json::parse(text, nullptr, false); }

// The members of an object, whatever it really is: what is missing or of another kind keeps its default.
class Reader {
public:
    explicit Reader(const Json& object) : m_object(object) {}

    Reader at(const char* key) const { return Reader(member(key)); }
    const Json& member(const char* key) const
    {
        static const Json none;
        const auto found = m_object.is_object() ? m_object.find(key) : m_object.end();
        return m_object.is_object() && found != m_object.end() ? *found : none;
    }
    void read(const char* key, std::string& value) const
    {
        if (member(key).is_string()) {
            value = member(key).get<std::string>();
        }
    }
    void read(const char* key, bool& value) const
    {
        value = member(key).is_boolean() ? member(key).get<bool>() : value;
    }
    template <typename T>
    void read(const char* key, T& value) const
    {
        value = member(key).is_number_integer() ? member(key).get<T>() : value;
    }
    template <typename T>
    void read(const char* key, std::optional<T>& value) const
    {
        if (member(key).is_number_integer()) {
            value = member(key).get<T>();
        }
    }
    void read_time(const char* key, std::time_t& value) const
    {
        std::string text;
        read(key, text);
        value = parse_utc(text);
    }

private:
    const Json& m_object;
};

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
            {"max_rss_hard_bytes", to_json(status.max_rss_hard)},
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

void read_parts(const Reader& all, Status& status)
{
    const auto server = all.at("server");
    server.read("pid", status.server_pid);
    server.read_time("started", status.server_started);
    server.read("ready_after_ms", status.ready_after_ms);
    server.read("rss_bytes", status.resident);
    const auto memory = all.at("memory");
    memory.read("limit_bytes", status.memory_limit);
    memory.read("max_rss_bytes", status.max_rss);
    memory.read("max_rss_hard_bytes", status.max_rss_hard);
    memory.read("oom_kills", status.oom_kills);
    const auto dicom = all.at("dicom");
    dicom.read("aet", status.aet);
    dicom.read("port", status.port);
    dicom.read("answer", status.dicom_answer);
    dicom.read("text", status.dicom_text);
    dicom.read_time("checked", status.dicom_checked);
}

void read_restarts(const Reader& restarts, Status& status)
{
    if (restarts.member("kinds").is_object()) {
        for (const auto& [kind, count] : restarts.member("kinds").items()) {
            status.restarts[kind] = count.is_number_unsigned() ? count.get<std::uint64_t>() : 0;
        }
    }
    for (const auto& entry : restarts.member("last")) {
        const Reader reader(entry);
        Restart restart;
        reader.read_time("time", restart.time);
        reader.read("kind", restart.kind);
        reader.read("reason", restart.reason);
        reader.read("away_ms", restart.away_ms);
        status.last_restarts.push_back(std::move(restart));
    }
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

std::string format_status(const Status& status)
{
    Json all{{"version", status.version},
             {"state", status.state},
             {"reason", status.reason},
             {"fault", status.fault},
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
             {"database", parse(status.database)}};
    if (status.last_end) {
        const auto& end = *status.last_end;
        all["last_end"] = {
            {"whose", "server"}, {"time", to_json(end.time)}, {"status", end.status}, {"text", end.text}};
    }
    return all.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<Status> parse_status(const std::string& text)
{
    const Json document = parse(text);
    if (!document.is_object()) {
        return std::nullopt;
    }
    const Reader all(document);
    Status status;
    status.state.clear();
    all.read("version", status.version);
    all.read("state", status.state);
    all.read("reason", status.reason);
    all.read("fault", status.fault);
    all.read_time("since", status.since);
    all.read_time("updated", status.updated);
    all.read("pid", status.pid);
    all.read("start_ticks", status.start_ticks);
    read_parts(all, status);
    read_restarts(all.at("restarts"), status);
    if (all.member("last_end").is_object()) {
        const auto end = all.at("last_end");
        status.last_end.emplace();
        end.read_time("time", status.last_end->time);
        end.read("status", status.last_end->status);
        end.read("text", status.last_end->text);
    }
    for (const auto& warning : all.member("warnings")) {
        if (warning.is_string()) {
            status.warnings.push_back(warning.get<std::string>());
        }
    }
    all.at("cron").read("pid", status.cron_pid);
    const auto dump = [](const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); };
    status.jobs = dump(all.member("jobs"));
    status.database = dump(all.member("database"));
    return status.state.empty() ? std::nullopt : std::optional(std::move(status));
}

std::string checked_json(const std::string& text) { return Json::accept(text) ? text : "null"; }

std::string format_utc(std::time_t time)
{
    std::tm utc{};
    gmtime_r(&time, &utc);
    std::array<char, 48> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text.data();
}

std::time_t parse_utc(const std::string& text)
{
    std::tm utc{};
    const char* const end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return end != nullptr && *end == '\0' ? timegm(&utc) : 0;
}

}  // namespace dcm::archive
