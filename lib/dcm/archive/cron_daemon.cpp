// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/cron_daemon.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/job_record.hpp>
#include <dcm/sys/time_zone.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace dcm::archive {

namespace {

// Cron runs its @reboot jobs only when this file is not there, and makes it then. A restarted container has the old
// one.
constexpr const char* k_reboot_mark = "/run/crond.reboot";

std::vector<std::string> environment_without_zone()
{
    auto environment = sys::environment();
    environment.erase(std::remove_if(environment.begin(), environment.end(),
                                     [](const std::string& entry) { return starts_with(entry, "TZ="); }),
                      environment.end());
    return environment;
}

sys::LongLived cron_program(const CronSettings& settings, const Notify& notify)
{
    sys::LongLived program;
    program.argv = {"cron", "-f"};
    program.null_input = true;
    program.session = sys::Session::own;
    if (settings.job_log >= 0) {
        program.descriptors.emplace_back(sys::k_job_log_fd, settings.job_log);
    }
    const char* const zone = std::getenv("TZ");
    const std::string name = zone == nullptr ? "" : zone;
    if (const auto fault = sys::zone_fault(name)) {
        notify({Level::error, "jobs run by the time of /etc/localtime: " + *fault, {}});
        program.environment = environment_without_zone();
    } else if (name.empty() && zone != nullptr) {
        program.environment = environment_without_zone();  // an empty TZ means UTC to the C library
    }
    return program;
}

}  // namespace

void CronDaemon::start(const CronSettings& settings, Clock::time_point now, const Notify& notify)
{
    if (geteuid() != 0) {
        notify({Level::warning, "not running as root, so cron cannot work; going on without scheduled jobs", {}});
        return;
    }
    if (!sys::find_in_path("cron")) {
        notify({Level::warning, "cron is not installed; going on without scheduled jobs", {}});
        return;
    }
    if (getpid() == 1) {
        unlink(k_reboot_mark);
    }
    m_cron.start(cron_program(settings, notify), now, notify);
    if (!settings.crontab_loader.empty()) {
        sys::LongLived loader;
        loader.argv = {settings.crontab_loader, "--watch"};
        loader.null_input = true;
        loader.session = sys::Session::own;
        m_loader.start(loader, now, notify);
    }
}

void CronDaemon::on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify)
{
    m_cron.on_reaped(pid, status, now, notify);
    m_loader.on_reaped(pid, status, now, notify);
}

void CronDaemon::on_time(Clock::time_point now, const Notify& notify)
{
    m_cron.on_time(now, notify);
    m_loader.on_time(now, notify);
}

std::optional<Clock::time_point> CronDaemon::start_at() const
{
    const auto cron = m_cron.start_at();
    const auto loader = m_loader.start_at();
    return cron && loader ? std::min(cron, loader) : cron ? cron : loader;
}

}  // namespace dcm::archive
