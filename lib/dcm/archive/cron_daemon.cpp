// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/cron_daemon.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>

#include <unistd.h>

namespace dcm::archive {

void CronDaemon::start(Clock::time_point now, const Notify& notify)
{
    m_start_at.reset();
    if (geteuid() != 0) {
        notify({Level::warning, "not running as root, so cron cannot work; going on without scheduled jobs", {}});
        return;
    }
    if (!sys::find_in_path("cron")) {
        notify({Level::warning, "cron is not installed; going on without scheduled jobs", {}});
        return;
    }
    sys::LongLived daemon;
    daemon.argv = {"cron", "-f"};
    daemon.null_input = true;
    daemon.session = sys::Session::own;
    try {
        m_pid = sys::spawn(daemon);
        m_started = now;
    } catch (const Error& failure) {
        notify({Level::warning, std::string(failure.what()) + "; going on without scheduled jobs", {}});
    }
}

void CronDaemon::on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify)
{
    if (m_pid == 0 || pid != m_pid) {
        return;
    }
    m_pid = 0;
    const auto delay = m_backoff.next(now - m_started);
    m_start_at = now + delay;
    notify(
        {Level::warning, "cron has ended (" + status.str() + "); starting it again in " + human_duration(delay), {}});
}

void CronDaemon::on_time(Clock::time_point now, const Notify& notify)
{
    if (m_start_at && *m_start_at <= now) {
        start(now, notify);
    }
}

}  // namespace dcm::archive
