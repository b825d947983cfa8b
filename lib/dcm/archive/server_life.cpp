// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/server_life.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>

#include <csignal>
#include <ctime>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_restart_limit = 5min;  // for a stop that no container engine ends
constexpr Clock::duration k_remains_limit = 10s;

// A JVM that ends by SIGTERM passes its 143 on; death by that signal is the same.
bool is_clean(const sys::ExitStatus& status) { return status.success() || status.shell_code() == 128 + SIGTERM; }

// A stop by SIGINT from a terminal reaches the JVM as well.
bool is_clean_stop(const sys::ExitStatus& status) { return is_clean(status) || status.shell_code() == 128 + SIGINT; }

}  // namespace

ServerLife::ServerLife(ServerActions& server, StatusBoard& board, std::optional<Clock::duration> stop_timeout,
                       Notify notify)
    : m_server(server), m_board(board), m_stop_timeout(stop_timeout), m_notify(std::move(notify))
{
}

void ServerLife::begin(Clock::time_point now) { start(now); }

void ServerLife::start(Clock::time_point now)
{
    m_started = now;
    m_start_at.reset();
    m_phase = Phase::serving;
    m_server.start();
}

// What cannot be started now may be later: memory comes back, and so does a volume.
void ServerLife::start_again(Clock::time_point now)
{
    try {
        start(now);
    } catch (const Error& failure) {
        start_again_later(restart_kind::crashed, failure.what(), now);
    }
}

void ServerLife::start_again_later(const std::string& kind, const std::string& what, Clock::time_point now)
{
    const auto delay = m_backoff.next(now - m_started);
    m_start_at = now + delay;
    m_phase = Phase::serving;
    say(Level::warning, what + "; starting it again in " + human_duration(delay));
    m_board.restart_begins(kind, what, now);
    m_board.enter("waiting", what, kind == restart_kind::crashed ? Fault::yes : Fault::no);
    m_server.answer(ExitCode::unavailable, what + "; dcm-start goes on trying");
}

void ServerLife::stop(const std::string& why, Clock::time_point now)
{
    if (m_phase == Phase::stopping || m_phase == Phase::over) {
        say(Level::info, "already stopping");
        return;
    }
    if (m_server.running()) {
        ask_to_end(Phase::stopping, now);
        say(Level::info, why + ", asking the server to end");
        m_board.enter("stopping", why);
    } else {
        end(0);
    }
    m_server.answer(ExitCode::temp_fail, "the archive is stopping");
}

void ServerLife::restart(const std::string& kind, const std::string& reason, Clock::time_point now)
{
    if (m_phase != Phase::serving) {
        return;
    }
    if (m_server.running()) {
        m_board.restart_begins(kind, reason, now);
        ask_to_end(Phase::restarting, now);
        say(Level::info, "restart requested (" + reason + "), asking the server to end");
        m_board.enter("restarting", reason);
    } else {
        say(Level::info, "restart requested (" + reason + "), starting the server now");
        m_start_at = now;
    }
}

void ServerLife::request_restart(const std::string& reason, Clock::time_point now)
{
    if (m_phase == Phase::stopping || m_phase == Phase::over) {
        m_server.answer(ExitCode::temp_fail, "the archive is stopping; nothing is restarted");
    } else if (m_phase == Phase::restarting || (m_board.restart_goes_on() && m_server.running())) {
        m_server.answer(ExitCode::temp_fail,
                        "a restart is already going on: " + m_board.status().last_restarts.back().reason);
    } else {
        restart(restart_kind::requested, reason.empty() ? "dcm-start --restart" : reason, now);
    }
}

void ServerLife::ask_to_end(Phase phase, Clock::time_point now)
{
    m_phase = phase;
    const bool is_restart = phase == Phase::restarting;
    m_stop.begin(m_server, !m_stop_timeout && is_restart ? k_restart_limit : m_stop_timeout, now);
}

void ServerLife::on_ready() { m_server.answer(ExitCode::ok, {}); }

void ServerLife::on_overdue() { m_server.answer(ExitCode::temp_fail, {}); }

void ServerLife::on_remains(Clock::time_point now)
{
    if (!m_stop.goes_on()) {
        m_stop.begin(m_server, k_remains_limit, now);
    }
}

void ServerLife::on_end(const sys::ExitStatus& status, Clock::time_point now)
{
    const std::string took = human_duration(m_stop.lasted(now));
    m_stop.over();
    m_board.status().last_end = End{std::time(nullptr), status.shell_code(), status.str()};
    if (m_phase == Phase::stopping) {
        const bool clean = is_clean_stop(status);
        say(clean ? Level::info : Level::warning,
            "the server has ended after " + took + (clean ? "" : ", not cleanly: " + status.str()));
        end(clean ? 0 : status.shell_code());
    } else if (m_phase == Phase::restarting) {
        say(Level::info, "the server has ended after " + took + " (" + status.str() + "), starting it again");
        start_again(now);
    } else if (is_clean(status)) {
        start_again_later(restart_kind::ended,
                          "the server has ended cleanly (" + status.str() + "), though nobody asked dcm-start", now);
    } else {
        crash(status, now);
    }
}

// The container ends with the server's status: starting it again is the engine's business.
void ServerLife::crash(const sys::ExitStatus& status, Clock::time_point now)
{
    for (const auto& line : m_server.last_words()) {
        say(Level::info, line);
    }
    const std::string what = "the server ended unasked after " + human_duration(now - m_started) + ": " + status.str();
    say(Level::error, what + "; ending with the same status");
    end(status.shell_code());
    m_server.answer(ExitCode::unavailable, what);
}

void ServerLife::end(int result)
{
    m_result = result;
    m_phase = Phase::over;
    m_start_at.reset();
    m_board.enter("stopping", "ending cron and what else runs");
}

void ServerLife::on_time(Clock::time_point now)
{
    if (take_due(m_start_at, now)) {
        start_again(now);
    }
    if (m_stop.on_time(m_server, now, m_notify)) {
        m_board.renew();
    }
}

}  // namespace dcm::archive
