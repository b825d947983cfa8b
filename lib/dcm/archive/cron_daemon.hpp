// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/kept_child.hpp>
#include <dcm/core/notice.hpp>

#include <sys/types.h>

#include <optional>
#include <string>

namespace dcm::archive {

struct CronSettings {
    int job_log = -1;            // write end of the pipe that jobs find as sys::k_job_log_fd; -1: none
    std::string crontab_loader;  // program that follows the crontab file (called with --watch); empty: none does
};

// Cron in the foreground, and beside it, when wanted, what reloads an edited crontab; both started again whenever they
// end. Nothing that happens to them is an error: the archive goes on. Cron keeps the time of the zone TZ; when there is
// no such zone, that of /etc/localtime.
class CronDaemon {
public:
    void start(const CronSettings& settings, Clock::time_point now, const Notify& notify);
    void on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify);
    void on_time(Clock::time_point now, const Notify& notify);

    // When to call `on_time`.
    std::optional<Clock::time_point> start_at() const;
    pid_t pid() const { return m_cron.pid(); }

private:
    KeptChild m_cron{"cron", "; going on without scheduled jobs"};
    KeptChild m_loader{"dcm-cron-load --watch", "; edits of the crontab wait for the next dcm-cron-load"};
};

}  // namespace dcm::archive
