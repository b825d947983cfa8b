// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::archive {

// Why the server was started again; the keys of `Status::restarts`.
namespace restart_kind {
constexpr const char* requested = "requested";  // by --restart or SIGUSR1
constexpr const char* memory = "memory";        // by DCM_MAX_RSS
constexpr const char* ended = "ended";          // it ended cleanly, though nobody asked
constexpr const char* crashed = "crashed";
constexpr const char* itself = "itself";  // run.sh started it again: the server's own exit status 10
}  // namespace restart_kind

struct Restart {
    std::time_t time = 0;
    std::string kind;
    std::string reason;                   // for people
    std::optional<std::int64_t> away_ms;  // until it was ready again
};

// What holds beside the state: a disk that is nearly full, a database that cannot be reached.
struct Condition {
    bool fault = false;  // a person should look, and images are not taken
    std::string text;    // one line for people
};

// How the server ended the last time. As one line of text "TIME STATUS WHAT HAPPENED", and back.
struct End {
    std::time_t time = 0;
    int status = 0;  // as a shell tells it: 128+N after signal N
    std::string text;
};

// What dcm-start says of itself in RUN_DIR/status.json. Times are Unix time, 0 where something has not happened; sizes
// are bytes.
struct Status {
    std::string version;
    // starting, ready, silent (was ready, DICOM does not answer), restarting (stops, to start again), waiting (ended
    // unasked, starts again soon), stopping, ended
    std::string state = "starting";
    std::string reason;  // one line for people
    bool fault = false;  // a person should look
    std::map<std::string, Condition> conditions;
    std::time_t since = 0;
    std::time_t updated = 0;
    pid_t pid = 0;                  // of dcm-start
    std::uint64_t start_ticks = 0;  // of the same process, as in /proc/PID/stat

    pid_t server_pid = 0;  // the JVM
    std::time_t server_started = 0;
    std::optional<std::int64_t> ready_after_ms;  // its start
    std::optional<std::uint64_t> resident;
    std::optional<std::uint64_t> memory_limit;
    std::optional<std::uint64_t> max_rss;
    std::optional<std::uint64_t> oom_kills;

    std::string aet;
    unsigned port = 0;
    std::string dicom_answer = "none";  // none, accepted, rejected, untested
    std::string dicom_text;
    std::time_t dicom_checked = 0;

    std::map<std::string, std::uint64_t> restarts;  // count by kind, since dcm-start runs
    std::vector<Restart> last_restarts;             // ten at most, oldest first
    std::optional<End> last_end;

    std::vector<std::string> warnings;  // said while the container started, by any command of the chain

    pid_t cron_pid = 0;
    std::string jobs;          // JSON: jobs.json
    std::string database;      // JSON: db.json, of the start
    std::string database_now;  // JSON: the same of this minute

    std::uint64_t all_restarts() const;
};

using Json = nlohmann::ordered_json;

Json to_json(const Status& status);

// One line, newline included.
std::string format_json(const Json& status);

// For people, several lines, from what `to_json` made, however mangled on its way; `now` for the ages.
std::string describe_status(const Json& status, std::time_t now);

// The same for Prometheus's text file collector.
std::string format_metrics(const Json& status);

std::string format_end(const End& end);
std::optional<End> parse_end(std::string_view text);

// "2026-11-25T03:00:12Z", and back; 0 for anything else.
std::string format_utc(std::time_t time);
std::time_t parse_utc(const std::string& text);

}  // namespace dcm::archive
