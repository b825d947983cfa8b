// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/backoff.hpp>
#include <dcm/archive/deadline.hpp>
#include <dcm/core/notice.hpp>
#include <dcm/sys/process.hpp>

#include <sys/types.h>

#include <functional>
#include <string>

namespace dcm::archive {

// A child that is started again, later and later, whenever it ends. Nothing that happens to it is an error.
class KeptChild {
public:
    // `start` returns the PID or throws Error. `without` says what is missing when it cannot be started:
    // "; going on without scheduled jobs".
    KeptChild(std::string name, std::string without) : m_name(std::move(name)), m_without(std::move(without)) {}

    void start(std::function<pid_t()> start, Clock::time_point now, const Notify& notify);
    void on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify);
    void on_time(Clock::time_point now, const Notify& notify);
    Time next() const { return m_start_at; }

    // From here on its end is its end.
    void let_go();

    pid_t pid() const { return m_pid; }  // 0: it does not run

private:
    std::string m_name;
    std::string m_without;
    std::function<pid_t()> m_start;
    pid_t m_pid = 0;
    Backoff m_backoff;
    Clock::time_point m_started{};
    Time m_start_at;
};

}  // namespace dcm::archive
