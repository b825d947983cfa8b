// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/backoff.hpp>
#include <dcm/core/notice.hpp>
#include <dcm/sys/process.hpp>

#include <sys/types.h>

#include <optional>
#include <string>

namespace dcm::archive {

// A child that is started again, later and later, whenever it ends. Nothing that happens to it is an error.
class KeptChild {
public:
    // `without` says what is missing when it cannot be started: "; going on without scheduled jobs".
    KeptChild(std::string name, std::string without) : m_name(std::move(name)), m_without(std::move(without)) {}

    void start(const sys::LongLived& program, Clock::time_point now, const Notify& notify);
    void on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify);
    void on_time(Clock::time_point now, const Notify& notify);

    // When to call `on_time`.
    std::optional<Clock::time_point> start_at() const { return m_start_at; }
    pid_t pid() const { return m_pid; }

private:
    std::string m_name;
    std::string m_without;
    sys::LongLived m_program;
    pid_t m_pid = 0;
    Backoff m_backoff;
    Clock::time_point m_started{};
    std::optional<Clock::time_point> m_start_at;
};

}  // namespace dcm::archive
