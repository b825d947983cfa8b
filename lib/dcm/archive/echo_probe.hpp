// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/inquiry.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::archive {

// What the archive said to a C-ECHO. A rejected association is an answer of the archive too: it merely does not know
// the called AE title, or this caller.
struct EchoResult {
    enum class Answer { none, accepted, rejected, untested };  // untested: the port listens, but echoscu cannot be run
    Answer answer = Answer::none;
    std::string text;  // for people: the reason of a rejection or a failure

    bool alive() const { return answer != Answer::none; }
};

// What the end of echoscu, and what it printed, mean.
EchoResult judge_echo(const sys::ExitStatus& status, std::string_view output);

// One C-ECHO at a time by dcmtk's echoscu, a child with a time limit of 10 s: nobody waits for it.
class EchoProbe {
public:
    // The result when it cannot be started; otherwise `on_reaped` or `on_time` will have it.
    std::optional<EchoResult> start(const std::string& address, std::uint16_t port, const std::string& aet,
                                    Clock::time_point now);

    bool running() const { return m_echo.pending(); }

    // End it; its result is nobody's any more.
    void abandon() { m_echo.abandon(); }

    // Tell of every reaped child: the result when it was this one.
    std::optional<EchoResult> on_reaped(pid_t pid, const sys::ExitStatus& status);
    std::optional<EchoResult> on_time(Clock::time_point now);
    Time next() const { return m_echo.next(); }

private:
    Inquiry m_echo;
};

}  // namespace dcm::archive
