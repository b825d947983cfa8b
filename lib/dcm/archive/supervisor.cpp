// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/backoff.hpp>
#include <dcm/archive/cron_daemon.hpp>
#include <dcm/archive/events.hpp>
#include <dcm/archive/job_log.hpp>
#include <dcm/archive/process_table.hpp>
#include <dcm/archive/server.hpp>
#include <dcm/archive/stop.hpp>
#include <dcm/archive/supervisor.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_grace = 5s;             // for cron, jobs and orphans at the end
constexpr Clock::duration k_kill_again = 100ms;     // what they start while they are killed
constexpr Clock::duration k_leftovers_limit = 10s;  // for what run.sh left behind
constexpr Clock::duration k_restart_limit = 5min;   // for a stop that no container engine ends

enum class Phase {
    serving,     // the server runs, or waits to be started again
    restarting,  // asked to end, to be started again
    stopping,    // asked to end for good
    ending,      // the server is over, the rest is asked to end
};

bool is_clean(const sys::ExitStatus& status) { return status.success() || status.shell_code() == 128 + SIGTERM; }

// A stop by SIGINT from a terminal reaches the JVM as well.
bool is_clean_stop(const sys::ExitStatus& status) { return is_clean(status) || status.shell_code() == 128 + SIGINT; }

class Supervisor {
public:
    Supervisor(const Settings& settings, const Notify& notify) : m_settings(settings), m_notify(notify) {}

    int run();

private:
    void start_server();
    void ask_server(Phase phase);
    void handle(int signal);
    void reap();
    void server_over(const sys::ExitStatus& status);
    void start_again_later(const std::string& what);
    void crashed(const sys::ExitStatus& status);
    void on_time();
    void begin_ending(int result);
    void end_the_rest(int signal);
    int timeout() const;
    Clock::time_point now() const { return m_clock.now(); }
    void say(Level level, const std::string& message) const { m_notify({level, message, {}}); }
    std::string log_path() const { return m_settings.home + "/server/default/log/server.log"; }

    const Settings& m_settings;
    const Notify& m_notify;
    SystemClock m_clock;
    Signals m_signals;
    Server m_server;
    Stop m_stop;
    JobLog m_job_log{"/run/dcm/jobs.json", STDOUT_FILENO};
    CronDaemon m_cron;
    Backoff m_backoff;
    Phase m_phase = Phase::serving;
    Clock::time_point m_started{};  // of the server
    Time m_start_at;                // the server, again
    Time m_kill_at;                 // the rest
    int m_result = 0;
};

int Supervisor::run()
{
    adopt_orphans();
    start_server();
    m_cron.start({m_job_log.write_end(), m_settings.crontab_loader}, now(), m_notify);
    while (m_phase != Phase::ending || has_children()) {
        std::array<pollfd, 2> waiting{{{m_signals.fd(), POLLIN, 0}, m_job_log.waits_for()}};
        poll(waiting.data(), waiting.size(), timeout());
        for (const int signal : m_signals.take()) {
            handle(signal);
        }
        reap();
        m_job_log.work(m_notify);
        on_time();
    }
    m_job_log.finish(m_notify);
    return m_result;
}

void Supervisor::start_server()
{
    keep_server_log(log_path(), m_settings.log_keep, m_notify);
    sys::LongLived program;
    program.argv = {m_settings.home + "/bin/run.sh"};
    program.argv.insert(program.argv.end(), m_settings.arguments.begin(), m_settings.arguments.end());
    program.session = sys::Session::own;
    m_server.start(program);
    m_started = now();
    m_start_at.reset();
    m_phase = Phase::serving;
}

void Supervisor::ask_server(Phase phase)
{
    m_phase = phase;
    auto limit = m_settings.stop_timeout;
    if (!limit && phase == Phase::restarting) {
        limit = k_restart_limit;
    }
    m_stop.begin(m_server, limit, now());
}

void Supervisor::handle(int signal)
{
    switch (signal) {
    case SIGCHLD:
    case SIGPIPE:
    case SIGALRM:
    case SIGCONT:
        return;
    case SIGTERM:
    case SIGINT:
        if (m_phase == Phase::stopping || m_phase == Phase::ending) {
            say(Level::info, "already stopping");
        } else if (m_server.running()) {
            say(Level::info, std::string("stop requested (SIG") + sigabbrev_np(signal) + "), asking the server to end");
            ask_server(Phase::stopping);
        } else {
            begin_ending(0);
        }
        return;
    case SIGUSR1:
        if (m_phase == Phase::serving && m_server.running()) {
            say(Level::info, "restart requested, asking the server to end");
            ask_server(Phase::restarting);
        } else if (m_phase == Phase::serving) {
            m_start_at = now();
        }
        return;
    default:
        m_server.send(signal);
    }
}

void Supervisor::reap()
{
    while (const auto dead = reap_one()) {
        m_server.on_reaped(dead->pid, dead->status, m_notify);
        if (m_phase != Phase::ending) {
            m_cron.on_reaped(dead->pid, dead->status, now(), m_notify);
        }
    }
    if (const auto status = m_server.take_end()) {
        server_over(*status);
    } else if (m_server.dissolving() && !m_stop.next()) {
        m_stop.begin(m_server, k_leftovers_limit, now());
    }
}

void Supervisor::server_over(const sys::ExitStatus& status)
{
    const std::string took = human_duration(m_stop.lasted(now()));
    m_stop.over();
    if (m_phase == Phase::stopping) {
        const bool clean = is_clean_stop(status);
        say(clean ? Level::info : Level::warning,
            "the server has ended after " + took + (clean ? "" : ", not cleanly: " + status.str()));
        begin_ending(clean ? 0 : status.shell_code());
    } else if (m_phase == Phase::restarting) {
        say(Level::info, "the server has ended after " + took + " (" + status.str() + "), starting it again");
        start_server();
    } else if (is_clean(status)) {
        start_again_later("the server has ended cleanly (" + status.str() + "), though nobody asked dcm-start");
    } else {
        crashed(status);
    }
}

void Supervisor::start_again_later(const std::string& what)
{
    const auto delay = m_backoff.next(now() - m_started);
    m_start_at = now() + delay;
    say(Level::warning, what + "; starting it again in " + human_duration(delay));
}

void Supervisor::crashed(const sys::ExitStatus& status)
{
    for (const auto& line : last_lines(log_path(), 10)) {
        say(Level::info, "server.log: " + line);
    }
    const std::string what =
        "the server ended unasked after " + human_duration(now() - m_started) + ": " + status.str();
    if (m_settings.on_crash == OnCrash::restart) {
        start_again_later(what);
        return;
    }
    say(Level::error, what + "; ending with the same status");
    begin_ending(status.shell_code());
}

void Supervisor::on_time()
{
    if (m_phase == Phase::serving && take_due(m_start_at, now())) {
        start_server();
    }
    if (m_phase == Phase::serving) {
        m_cron.on_time(now(), m_notify);
    }
    m_stop.on_time(m_server, now(), m_notify);
    if (m_phase == Phase::ending && take_due(m_kill_at, now())) {
        end_the_rest(SIGKILL);
        m_kill_at = now() + k_kill_again;
    }
}

void Supervisor::begin_ending(int result)
{
    m_result = result;
    m_phase = Phase::ending;
    m_start_at.reset();
    end_the_rest(SIGTERM);
    m_kill_at = now() + k_grace;
}

void Supervisor::end_the_rest(int signal)
{
    for (const auto& process : descendants_of(getpid(), read_processes())) {
        ::kill(process.pid, signal);
    }
}

int Supervisor::timeout() const
{
    const Time cron = m_phase == Phase::serving ? m_cron.start_at() : Time{};
    const Time next = earliest({cron, m_start_at, m_stop.next(), m_kill_at});
    if (!next) {
        return -1;
    }
    return static_cast<int>(std::clamp<Clock::duration::rep>((*next - now()).count(), 0, 3600000));
}

}  // namespace

int supervise(const Settings& settings, const Notify& notify) { return Supervisor(settings, notify).run(); }

}  // namespace dcm::archive
