// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/kept_child.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>

namespace dcm::archive {

void KeptChild::start(const sys::LongLived& program, Clock::time_point now, const Notify& notify)
{
    m_program = program;
    m_start_at = now;
    on_time(now, notify);
}

void KeptChild::on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify)
{
    if (m_pid == 0 || pid != m_pid) {
        return;
    }
    m_pid = 0;
    const auto delay = m_backoff.next(now - m_started);
    m_start_at = now + delay;
    notify({Level::warning,
            m_name + " has ended (" + status.str() + "); starting it again in " + human_duration(delay),
            {}});
}

void KeptChild::on_time(Clock::time_point now, const Notify& notify)
{
    if (!m_start_at || *m_start_at > now) {
        return;
    }
    m_start_at.reset();
    try {
        m_pid = sys::spawn(m_program);
        m_started = now;
    } catch (const Error& failure) {
        notify({Level::warning, failure.what() + m_without, {}});
        if (failure.code() != ExitCode::not_found) {  // no process or memory to be had: that passes
            m_start_at = now + m_backoff.next({});
        }
    }
}

}  // namespace dcm::archive
