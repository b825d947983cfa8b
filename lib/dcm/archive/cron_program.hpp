// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/sys/process.hpp>

#include <optional>

namespace dcm::archive {

// Cron in the foreground, which keeps the time of the zone TZ, or of /etc/localtime when there is no such zone. Jobs
// find `job_log`, the writing end of a socket, as sys::k_job_log_fd. The first cron of this program runs the @reboot
// jobs. nullopt, with a warning, where cron cannot work.
std::optional<sys::LongLived> cron_program(int job_log, const Notify& notify);

}  // namespace dcm::archive
