// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/backoff.hpp>
#include <dcm/archive/control.hpp>
#include <dcm/archive/cron_daemon.hpp>
#include <dcm/archive/events.hpp>
#include <dcm/archive/host_name.hpp>
#include <dcm/archive/java_options.hpp>
#include <dcm/archive/job_log.hpp>
#include <dcm/archive/process_table.hpp>
#include <dcm/archive/server.hpp>
#include <dcm/archive/status_board.hpp>
#include <dcm/archive/stop.hpp>
#include <dcm/archive/supervisor.hpp>
#include <dcm/archive/watch.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>
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
    Supervisor(const Settings& settings, const Notify& notify)
        : m_settings(settings), m_notify([this, &notify](const Notice& notice) {
              notify(notice);
              m_control.tell(notice);
              if (m_preparing && notice.level <= Level::warning) {
                  m_board.status().warnings.emplace_back(trim(log::format_text({"dcm-start"}, notice)));
              }
          })
    {
        m_board.status().warnings = settings.warnings;
    }

    int run();

private:
    void prepare();
    void wait();
    void start_server();
    void start_server_again();
    void ask_server(Phase phase);
    void handle(int signal);
    void stop(int signal);
    void restart(const std::string& kind, const std::string& reason);
    void refuse_or_restart(const std::string& reason);
    void reap();
    void server_over(const sys::ExitStatus& status);
    void start_again_later(const std::string& kind, const std::string& what);
    void crashed(const sys::ExitStatus& status);
    void on_time();
    void follow_watch();
    void begin_ending(int result);
    void end_the_rest(int signal);
    int timeout() const;
    Clock::time_point now() const { return m_clock.now(); }
    void say(Level level, const std::string& message) const { m_notify({level, message, {}}); }
    void enter(const std::string& state, const std::string& reason, bool fault = false);

    const Settings& m_settings;
    const Notify m_notify;  // also tells whoever asked for the restart that goes on
    SystemClock m_clock;
    Signals m_signals;
    Control m_control;
    StatusBoard m_board{m_settings.run_dir, m_settings.metrics_file};
    Server m_server;
    Watch m_watch{m_settings, m_server, m_board};
    Stop m_stop;
    JobLog m_job_log{m_settings.run_dir + "/jobs.json", STDOUT_FILENO};
    CronDaemon m_cron;
    Backoff m_backoff;
    bool m_preparing = true;
    Phase m_phase = Phase::serving;
    Clock::time_point m_started{};  // of the server
    Time m_start_at;                // the server, again
    Time m_kill_at;                 // the rest
    int m_result = 0;
};

int Supervisor::run()
{
    adopt_orphans();
    ensure_host_name(host_name(), "/etc/hosts", m_notify);
    start_server();
    prepare();
    while (m_phase != Phase::ending || has_children()) {
        wait();
        for (const int signal : m_signals.take()) {
            handle(signal);
        }
        reap();
        m_job_log.work(m_notify);
        if (const auto reason = m_control.take_request(now())) {
            refuse_or_restart(*reason);
        }
        on_time();
    }
    m_job_log.finish(m_notify);
    enter("ended", "exit status " + std::to_string(m_result));
    return m_result;
}

void Supervisor::prepare()
{
    m_control.open(m_settings.run_dir, m_notify);
    m_cron.start({m_job_log.write_end(), m_settings.crontab_loader}, now(), m_notify);
    m_board.status().cron_pid = m_cron.pid();
    for (const auto& warning : check_java(read_java_setup(m_settings.home))) {
        say(Level::warning, warning);
    }
    m_preparing = false;
    m_board.write(m_notify);
}

void Supervisor::wait()
{
    std::array<pollfd, 5> waiting{{{m_signals.fd(), POLLIN, 0},
                                   {m_watch.jvm(), POLLIN, 0},
                                   {m_control.listener(), POLLIN, 0},
                                   {m_control.caller(), POLLIN, 0},
                                   m_job_log.waits_for()}};
    if (poll(waiting.data(), waiting.size(), timeout()) > 0 && waiting[1].revents != 0) {
        m_watch.jvm_ended(now());
    }
}

void Supervisor::enter(const std::string& state, const std::string& reason, bool fault)
{
    m_board.enter(state, reason);
    m_board.status().fault = fault;
    m_board.write(m_notify);
}

void Supervisor::start_server()
{
    keep_server_log(m_settings.server_log(), m_settings.log_keep, m_notify);
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
        stop(signal);
        return;
    case SIGUSR1:
        if (m_phase == Phase::serving) {
            restart(restart_kind::requested, "SIGUSR1");
        }
        return;
    default:
        m_server.send(signal);
    }
}

void Supervisor::stop(int signal)
{
    if (m_phase == Phase::stopping || m_phase == Phase::ending) {
        say(Level::info, "already stopping");
        return;
    }
    m_control.finish(ExitCode::temp_fail, "the archive is stopping");
    const std::string why = std::string("stop requested (SIG") + sigabbrev_np(signal) + ")";
    if (m_server.running()) {
        say(Level::info, why + ", asking the server to end");
        ask_server(Phase::stopping);
        enter("stopping", why);
    } else {
        begin_ending(0);
    }
}

void Supervisor::refuse_or_restart(const std::string& reason)
{
    if (m_phase == Phase::stopping || m_phase == Phase::ending) {
        m_control.finish(ExitCode::temp_fail, "the archive is stopping; nothing is restarted");
    } else if (m_phase == Phase::restarting || (m_board.restart_goes_on() && m_server.running())) {
        const auto& last = m_board.status().last_restarts.back();
        m_control.finish(ExitCode::temp_fail, "a restart is already going on: " + last.reason);
    } else {
        restart(restart_kind::requested, reason.empty() ? "dcm-start --restart" : reason);
    }
}

void Supervisor::restart(const std::string& kind, const std::string& reason)
{
    if (m_server.running()) {
        m_board.restart_begins(kind, reason, now());
        say(Level::info, "restart requested (" + reason + "), asking the server to end");
        ask_server(Phase::restarting);
        enter("restarting", reason);
    } else {
        say(Level::info, "restart requested (" + reason + "), starting the server now");
        m_start_at = now();
    }
}

void Supervisor::reap()
{
    while (const auto dead = reap_one()) {
        m_server.on_reaped(dead->pid, dead->status, m_notify);
        m_watch.on_reaped(dead->pid, dead->status, now(), m_notify);
        if (m_phase != Phase::ending) {
            m_cron.on_reaped(dead->pid, dead->status, now(), m_notify);
        }
    }
    m_board.status().cron_pid = m_cron.pid();
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

void Supervisor::crashed(const sys::ExitStatus& status)
{
    for (const auto& line : last_lines(m_settings.server_log(), 10)) {
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

void Supervisor::on_time()
{
    if (m_phase == Phase::serving && take_due(m_start_at, now())) {
        start_server_again();
    }
    if (m_phase == Phase::serving) {
        m_cron.on_time(now(), m_notify);
        m_watch.on_time(now(), m_notify);
        follow_watch();
    }
    if (m_stop.on_time(m_server, now(), m_notify)) {
        m_board.write(m_notify);
    }
    if (m_phase == Phase::ending && take_due(m_kill_at, now())) {
        end_the_rest(SIGKILL);
        m_kill_at = now() + k_kill_again;
    }
}

void Supervisor::follow_watch()
{
    if (const auto ready = m_watch.take_ready()) {
        m_control.finish(ExitCode::ok, *ready);
    }
    if (const auto overdue = m_watch.take_overdue()) {
        m_control.finish(ExitCode::temp_fail, *overdue);
    }
    if (const auto reason = m_watch.take_restart()) {
        restart(restart_kind::memory, *reason);
    }
}

void Supervisor::begin_ending(int result)
{
    m_result = result;
    m_phase = Phase::ending;
    m_start_at.reset();
    m_control.close();
    enter("stopping", "ending cron and what else runs");
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
    const bool serving = m_phase == Phase::serving;
    const Time next = earliest({serving ? m_cron.start_at() : Time{}, serving ? m_watch.next() : Time{},
                                m_control.next(), m_start_at, m_stop.next(), m_kill_at});
    if (!next) {
        return -1;
    }
    return static_cast<int>(std::clamp<Clock::duration::rep>((*next - now()).count(), 0, 3600000));
}

}  // namespace

int supervise(const Settings& settings, const Notify& notify) { return Supervisor(settings, notify).run(); }

}  // namespace dcm::archive
