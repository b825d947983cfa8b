// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/kept_child.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>

namespace dcm::archive {

void KeptChild::start(std::function<pid_t()> start, Clock::time_point now, const Notify& notify)
{
    m_start = std::move(start);
    m_start_at = now;
    on_time(now, notify);
}

void KeptChild::let_go()
{
    m_start = nullptr;
    m_start_at.reset();
}

void KeptChild::on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify)
{
    if (m_pid == 0 || pid != m_pid) {
        return;
    }
    m_pid = 0;
    if (!m_start) {
        return;
    }
    const auto delay = m_backoff.next(now - m_started);
    m_start_at = now + delay;
    notify({Level::warning,
            m_name + " has ended (" + status.str() + "); starting it again in " + human_duration(delay),
            {}});
}

void KeptChild::on_time(Clock::time_point now, const Notify& notify)
{
    if (!take_due(m_start_at, now)) {
        return;
    }
    try {
        m_pid = m_start();
        m_started = now;
    } catch (const Error& failure) {
        notify({Level::warning, failure.what() + m_without, {}});
        if (failure.code() != ExitCode::not_found) {  // no process or memory to be had: that passes
            m_start_at = now + m_backoff.next({});
        }
    }
}

}  // namespace dcm::archive
