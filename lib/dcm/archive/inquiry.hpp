// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/deadline.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/process.hpp>

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

namespace dcm::archive {

// A question whose answer may never come: a program, or a function that touches a file system which may have died. A
// child asks it, and is killed at its limit; nobody waits for it. One at a time: a child that cannot be killed, because
// the kernel waits in its name, is left alone, and until it is gone nothing else is asked.
class Inquiry {
public:
    struct Answer {
        sys::ExitStatus status;
        std::string text;   // its standard output and error, 64 kB at most
        bool late = false;  // it was killed, or could not even be
    };

    // Throws Error when `program` cannot be started. False while an earlier child is not gone yet.
    bool ask(sys::LongLived program, Clock::time_point now, std::optional<Clock::duration> limit);

    // The same for a function, which runs as `user` (left out: as this process) without capabilities; what it returns
    // is the text.
    bool ask(const std::optional<sys::Credentials>& user, const std::function<std::string()>& action,
             Clock::time_point now, std::optional<Clock::duration> limit);

    bool pending() const { return m_child != 0 && !m_given_up; }

    // Its answer is nobody's any more.
    void abandon();

    std::optional<Answer> on_reaped(pid_t pid, const sys::ExitStatus& status);

    // A late answer, when the limit has come.
    std::optional<Answer> on_time(Clock::time_point now);
    Time next() const { return m_kill_at; }

private:
    bool begin(Clock::time_point now, std::optional<Clock::duration> limit,
               const std::function<pid_t(int output)>& start);

    pid_t m_child = 0;
    bool m_given_up = false;
    Time m_kill_at;
    sys::Fd m_output;
};

}  // namespace dcm::archive
