// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/readiness.hpp>
#include <dcm/archive/tcp_table.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>

#include <algorithm>
#include <utility>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_look = 1s;
constexpr Clock::duration k_look_soon = 100ms;  // once JBoss is there
constexpr Clock::duration k_soon_for = 10s;
constexpr Clock::duration k_first_spacing = 5s;
constexpr Clock::duration k_spacing = 1min;
constexpr Clock::duration k_silent_spacing = 10s;  // a database that was away is back soon, and images are taken then
constexpr Clock::duration k_without_line = 1min;
constexpr Clock::duration k_line_limit = 30min;   // a large archive on a slow disk starts for minutes
constexpr Clock::duration k_answer_limit = 3min;  // from the line on: DICOM is a part of what has started then
constexpr Clock::duration k_echo_limit = 10s;
constexpr const char* k_network_limit = "8";  // seconds, below that limit, so that echoscu itself can say what failed

// echoscu's first fatal line, then its first error, without "F: "; of a rejection its reason. What it merely warns of,
// a dictionary that is not there, is no reason.
std::string explain(std::string_view output)
{
    std::string first;
    std::string error;
    for (const auto line : split(output, '\n')) {
        auto text = trim(line);
        const char kind = text.size() > 3 && text[1] == ':' ? text[0] : ' ';
        text.remove_prefix(kind == ' ' ? 0 : 3);
        if (starts_with(text, "Reason: ")) {
            return std::string(text.substr(8));
        }
        std::string& kept = kind == 'F' ? first : error;
        if (kept.empty() && kind != 'W' && kind != 'I' && kind != 'D') {
            kept = text;
        }
    }
    return !first.empty() ? first : !error.empty() ? error : "no reason given";
}

}  // namespace

std::optional<std::string> parse_aet(const std::string& text)
{
    const std::string title(trim(text));
    const bool sound = !title.empty() && title.size() <= 16 && std::all_of(title.begin(), title.end(), [](char c) {
        return c >= ' ' && c <= '~' && c != '\\';
    });
    return sound ? std::optional(title) : std::nullopt;
}

EchoResult judge_echo(const sys::ExitStatus& status, std::string_view output)
{
    if (status.success()) {
        return {EchoResult::Answer::accepted, {}};
    }
    const bool rejected = output.find("Association Rejected") != std::string_view::npos;
    return {rejected ? EchoResult::Answer::rejected : EchoResult::Answer::none, explain(output)};
}

void Readiness::server_started(Clock::time_point now)
{
    m_state = State::starting;
    m_echo.abandon();
    m_last = {};
    m_spacing = k_first_spacing;
    m_begun = now;
    m_line_at.reset();
    m_answered_at.reset();
    m_last_at.reset();
    m_look_at = now + k_look;
    m_probe_at = now;
}

void Readiness::server_over()
{
    m_state = State::none;
    m_echo.abandon();
    m_look_at.reset();
    m_probe_at.reset();
}

void Readiness::on_started_line(Clock::time_point now)
{
    if (m_state != State::starting || m_line_at) {
        return;
    }
    m_line_at = now;
    m_look_at = now;
    m_probe_at = m_answered_at ? m_probe_at : now;
}

Time Readiness::next() const
{
    const bool looking = m_state == State::starting;  // then the probe goes with a look: it depends on the port
    return earliest({m_look_at, looking ? std::nullopt : m_probe_at, m_echo.next()});
}

bool Readiness::on_time(Clock::time_point now)
{
    if (m_echo.on_time(now) && m_state != State::none) {
        return judge({EchoResult::Answer::none, "no answer within " + human_duration(k_echo_limit)}, now);
    }
    if (m_state == State::starting) {
        return take_due(m_look_at, now) && look(now);
    }
    if (m_state == State::none || m_echo.pending() || !take_due(m_probe_at, now)) {
        return false;
    }
    const auto address = listener_of(read_tcp_table(), m_target.port);
    if (!address) {
        return judge({EchoResult::Answer::none, "nothing listens on port " + std::to_string(m_target.port)}, now);
    }
    return probe(*address, now);
}

// Until the port listens there is nobody to ask, and each question is a line in server.log.
bool Readiness::look(Clock::time_point now)
{
    m_look_at = now + (m_line_at && now - *m_line_at < k_soon_for ? k_look_soon : k_look);
    if (!m_echo.pending() && m_probe_at && *m_probe_at <= now) {
        const auto address = listener_of(read_tcp_table(), m_target.port);
        if (address && probe(*address, now)) {
            return true;
        }
    }
    return settle(now);
}

bool Readiness::probe(const std::string& address, Clock::time_point now)
{
    m_probe_at = now + m_spacing;
    m_spacing = std::min(m_spacing * 2, k_spacing);
    sys::LongLived echo;
    echo.argv = {"echoscu",
                 "-to",
                 k_network_limit,
                 "-ta",
                 k_network_limit,
                 "-td",
                 k_network_limit,
                 "-aet",
                 "DCMHEALTH",
                 "-aec",
                 m_target.aet,
                 address,
                 std::to_string(m_target.port)};
    try {
        m_echo.ask(echo, now, k_echo_limit);
    } catch (const Error& failure) {
        return judge({EchoResult::Answer::untested, failure.what()}, now);
    }
    return false;
}

bool Readiness::on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now)
{
    const auto answer = m_echo.on_reaped(pid, status);
    return answer && m_state != State::none && judge(judge_echo(answer->status, answer->text), now);
}

bool Readiness::judge(const EchoResult& result, Clock::time_point now)
{
    m_last = result;
    m_last_at = now;
    if (m_state == State::starting) {
        if (result.alive()) {
            m_answered_at = now;
            m_probe_at.reset();
        }
        return settle(now);
    }
    m_probe_at = now + (result.alive() ? k_spacing : k_silent_spacing);
    return std::exchange(m_state, result.alive() ? State::ready : State::silent) != m_state;
}

bool Readiness::settle(Clock::time_point now)
{
    if (m_state != State::starting || !m_answered_at || (!m_line_at && now - *m_answered_at < k_without_line)) {
        return false;
    }
    m_state = State::ready;
    m_look_at.reset();
    m_probe_at = now + k_spacing;
    return true;
}

std::string Readiness::overdue(Clock::time_point now) const
{
    if (m_state != State::starting) {
        return {};
    }
    if (m_line_at && now - *m_line_at >= k_answer_limit) {
        return "JBoss started " + human_duration(now - *m_line_at) + " ago, but DICOM port " +
               std::to_string(m_target.port) + " does not answer" + (m_last.text.empty() ? "" : ": " + m_last.text) +
               "; see server.log; dcm-start --restart once the cause is gone; set DCM_HEALTH_PORT if its DICOM port is "
               "another one";
    }
    if (!m_line_at && now - m_begun >= k_line_limit) {
        return "not ready " + human_duration(now - m_begun) + " after the start; see server.log";
    }
    return {};
}

}  // namespace dcm::archive
