// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/inquiry.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::archive {

// Whom to ask: the archive's AE title (16 characters at most) and DICOM port.
struct HealthTarget {
    std::string aet = "DCM4CHEE";
    std::uint16_t port = 11112;
};

// An AE title as DICOM has it: 1 to 16 printable characters, no backslash; nullopt for anything else.
std::optional<std::string> parse_aet(const std::string& text);

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

// Whether the archive does its work: JBoss has said that it started, and something answers on DICOM level. An answer
// alone counts after a minute: a site may have changed what is logged. An echo is a child, dcmtk's echoscu, with a time
// limit of 10 s: nobody waits for it. While it starts, an echo is tried once the port listens, then after 5 s, doubling
// to a minute, and when JBoss says so; later once a minute, and every 10 s while none is answered.
class Readiness {
public:
    enum class State {
        none,      // no server
        starting,  // never ready in this run
        ready,
        silent,  // was ready; the last echo got no answer
    };

    explicit Readiness(HealthTarget target) : m_target(std::move(target)) {}

    void server_started(Clock::time_point now);
    void server_over();

    // JBoss has said that it started; of what is told again nothing counts.
    void on_started_line(Clock::time_point now);

    // Both return whether `state` changed.
    bool on_time(Clock::time_point now);
    bool on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now);
    Time next() const;

    State state() const { return m_state; }
    const HealthTarget& target() const { return m_target; }
    const EchoResult& last() const { return m_last; }  // of the echoes in this run of the server
    Time last_at() const { return m_last_at; }
    bool probing() const { return m_echo.pending(); }

    // Why a start is not over though it should be, for people; empty while all may still be well.
    std::string overdue(Clock::time_point now) const;

private:
    bool judge(const EchoResult& result, Clock::time_point now);
    bool look(Clock::time_point now);
    bool probe(const std::string& address, Clock::time_point now);
    bool settle(Clock::time_point now);

    HealthTarget m_target;
    State m_state = State::none;
    Inquiry m_echo;
    EchoResult m_last;
    Clock::duration m_spacing{};
    Clock::time_point m_begun{};
    Time m_line_at;
    Time m_answered_at;  // first
    Time m_last_at;
    Time m_look_at;
    Time m_probe_at;
};

}  // namespace dcm::archive
