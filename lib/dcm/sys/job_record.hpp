// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/process.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::sys {

// Descriptor number at which every job of cron finds its way to dcm-start's log: cron inherits it and, since it closes
// nothing, so does each job, whatever its user. It is one end of a socket pair (AF_UNIX, SOCK_SEQPACKET) whose messages
// are whole lines of a job's output or one record, and the kernel says whose they are.
constexpr int k_job_log_fd = 9;

// How much one message may have.
constexpr std::size_t k_job_log_frame = 4096;

// How the lines of a job's output begin: "[NAME] ", and "[USER/NAME] " for those of other users than root.
std::string job_prefix(const std::string& user, const std::string& name);

enum class JobEvent { started, ended };

// What happened to one run of a job. As a message it begins with a control character, which no line of a job's output
// does.
struct JobRecord {
    JobEvent event = JobEvent::started;
    std::string id;               // of the command, for one job over many runs: 1 to 16 hexadecimal digits
    std::string name;             // 1 to 32 printable characters
    std::int64_t started_ms = 0;  // Unix time
    std::chrono::milliseconds duration{0};
    ExitStatus status = ExitStatus::exited(0);  // once it has ended
};

// The record as a message, and back; nullopt for anything that `format_job_record` would not write: any user's job can
// send something. Whose job it is the record does not say.
std::string format_job_record(const JobRecord& record);
std::optional<JobRecord> parse_job_record(std::string_view message);

// The last result of one job, and how it did so far.
struct JobResult {
    std::string id;
    std::string name;
    std::string user;
    std::int64_t started_ms = 0;  // of the last run, Unix time
    std::chrono::milliseconds duration{0};
    std::optional<ExitStatus> status;  // of the last run that ended
    std::uint64_t running = 0;         // runs that have not ended
    pid_t pid = 0;                     // of the last run's job shell
    std::uint64_t runs = 0;            // that ended
    std::uint64_t failures = 0;        // of those
};

// Last results as JSON, and back: what /run/dcm/jobs.json holds. Parsing gives nullopt for what is no such text.
std::string format_job_results(const std::vector<JobResult>& results);
std::optional<std::vector<JobResult>> parse_job_results(const std::string& text);

}  // namespace dcm::sys
