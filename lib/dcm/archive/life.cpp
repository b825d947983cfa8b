// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/supervision.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/acting_as.hpp>

#include <csignal>
#include <ctime>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_restart_limit = 5min;  // for a stop that no container engine ends

bool is_clean(const sys::ExitStatus& status) { return status.success() || status.shell_code() == 128 + SIGTERM; }

// A stop by SIGINT from a terminal reaches the JVM as well.
bool is_clean_stop(const sys::ExitStatus& status) { return is_clean(status) || status.shell_code() == 128 + SIGINT; }

}  // namespace

void Supervisor::start_server()
{
    {
        // The log is the server's: what it leads to is nothing that the server could not reach itself.
        const sys::ActingAs user(m_settings.run_as.user);
        keep_server_log(m_settings.server_log(), m_settings.log_keep, m_notify);
    }
    m_started = now();
    m_start_at.reset();
    m_phase = Phase::serving;
    m_watch.server_starts(m_started);  // before it can write to its log
    sys::LongLived program;
    program.argv = {m_settings.home + "/bin/run.sh"};
    program.argv.insert(program.argv.end(), m_settings.arguments.begin(), m_settings.arguments.end());
    program.session = sys::Session::own;
    program.credentials = m_settings.run_as.user;
    program.privileges = m_settings.run_as.privileges;
    m_server.start(program);
}

// What cannot be started now may be later: memory comes back, and so does a volume.
void Supervisor::start_server_again()
{
    try {
        start_server();
        m_board.write(m_notify);
    } catch (const Error& failure) {
        m_watch.server_over();
        start_again_later(restart_kind::crashed, failure.what());
    }
}

void Supervisor::ask_server(Phase phase)
{
    m_phase = phase;
    auto limit = m_settings.stop_timeout;
    if (!limit && phase == Phase::restarting) {
        limit = k_restart_limit;
    }
    m_watch.server_ending();
    m_stop.begin(m_server, limit, now());
}

void Supervisor::server_over(const sys::ExitStatus& status)
{
    const std::string took = human_duration(m_stop.lasted(now()));
    m_stop.over();
    m_watch.server_over();
    m_board.status().last_end = End{std::time(nullptr), status.shell_code(), status.str()};
    if (m_phase == Phase::stopping) {
        const bool clean = is_clean_stop(status);
        say(clean ? Level::info : Level::warning,
            "the server has ended after " + took + (clean ? "" : ", not cleanly: " + status.str()));
        begin_ending(clean ? 0 : status.shell_code());
    } else if (m_phase == Phase::restarting) {
        say(Level::info, "the server has ended after " + took + " (" + status.str() + "), starting it again");
        start_server_again();
    } else if (is_clean(status)) {
        start_again_later(restart_kind::ended,
                          "the server has ended cleanly (" + status.str() + "), though nobody asked dcm-start");
    } else {
        crashed(status);
    }
}

void Supervisor::start_again_later(const std::string& kind, const std::string& what)
{
    const auto delay = m_backoff.next(now() - m_started);
    m_start_at = now() + delay;
    say(Level::warning, what + "; starting it again in " + human_duration(delay));
    m_control.finish(ExitCode::unavailable, what + "; dcm-start goes on trying");
    m_board.restart_begins(kind, what, now());
    enter("waiting", what, kind == restart_kind::crashed);
}

std::vector<std::string> Supervisor::last_lines_of_server() const
{
    const sys::ActingAs user(m_settings.run_as.user);
    return last_lines(m_settings.server_log(), 10);
}

void Supervisor::crashed(const sys::ExitStatus& status)
{
    for (const auto& line : last_lines_of_server()) {
        say(Level::info, "server.log: " + line);
    }
    say(Level::info, "memory: " + m_watch.memory_report());
    const std::string what =
        "the server ended unasked after " + human_duration(now() - m_started) + ": " + status.str();
    if (m_settings.on_crash == OnCrash::restart) {
        start_again_later(restart_kind::crashed, what);
        return;
    }
    say(Level::error, what + "; ending with the same status");
    begin_ending(status.shell_code());
}

}  // namespace dcm::archive
