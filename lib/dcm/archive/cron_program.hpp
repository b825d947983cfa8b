// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/sys/process.hpp>

#include <chrono>
#include <optional>

namespace dcm::archive {

// Cron in the foreground, which keeps the time of the zone TZ, or of /etc/localtime when there is no such zone. Jobs
// find `job_log`, the write end of a pipe, as sys::k_job_log_fd. nullopt, with a warning, where cron cannot work.
std::optional<sys::LongLived> cron_program(int job_log, const Notify& notify);

// Cron runs @reboot jobs when its mark is not there, and makes it then; a container that is started again has the old
// one. Whether a mark of this age is older than the first process, which is the container's.
bool is_of_earlier_start(std::chrono::milliseconds mark_age, std::chrono::milliseconds first_process_age);

}  // namespace dcm::archive
