// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/host_name.hpp>
#include <dcm/archive/java_options.hpp>
#include <dcm/archive/process_table.hpp>
#include <dcm/archive/supervision.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>

#include <poll.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_leftovers_limit = 10s;  // for what run.sh left behind

}  // namespace

Supervisor::Supervisor(const Settings& settings, const Notify& notify)
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

int Supervisor::run()
{
    adopt_orphans();
    ensure_host_name(host_name(), "/etc/hosts", m_notify);
    start_server();
    prepare();
    while (m_phase != Phase::ending || !m_leftovers.over()) {
        wait();
        for (const int signal : m_signals.take()) {
            handle(signal);
        }
        reap();
        m_job_log.work(m_notify);
        m_log.work();
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
    if (read_processes().empty()) {
        say(Level::warning,
            "/proc is not mounted, proceeding: signals go to all of run.sh, memory is not watched; mount "
            "it, as every container engine does");
    }
    for (const auto& warning : check_java(read_java_setup(m_settings.home))) {
        say(Level::warning, warning);
    }
    m_preparing = false;
    m_board.write(m_notify);
}

void Supervisor::wait()
{
    std::array<pollfd, 6> waiting{{{m_signals.fd(), POLLIN, 0},
                                   {m_watch.jvm(), POLLIN, 0},
                                   {m_control.listener(), POLLIN, 0},
                                   {m_control.caller(), POLLIN, 0},
                                   m_job_log.waits_for(),
                                   m_log.waits_for()}};
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
        ask_server(Phase::stopping);
        say(Level::info, why + ", asking the server to end");
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
        ask_server(Phase::restarting);
        say(Level::info, "restart requested (" + reason + "), asking the server to end");
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
    m_leftovers.on_time(now(), m_notify);
}

void Supervisor::follow_watch()
{
    if (m_watch.take_ready()) {
        m_control.finish(ExitCode::ok);
    }
    if (m_watch.take_overdue()) {
        m_control.finish(ExitCode::temp_fail);
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
    m_leftovers.begin(now());
    m_control.close();
    enter("stopping", "ending cron and what else runs");
}

int Supervisor::timeout() const
{
    const bool serving = m_phase == Phase::serving;
    const Time next = earliest({serving ? m_cron.start_at() : Time{}, serving ? m_watch.next() : Time{},
                                m_control.next(), m_start_at, m_stop.next(), m_leftovers.next()});
    if (!next) {
        return -1;
    }
    return static_cast<int>(std::clamp<Clock::duration::rep>((*next - now()).count(), 0, 3600000));
}

int supervise(const Settings& settings, const Notify& notify) { return Supervisor(settings, notify).run(); }

}  // namespace dcm::archive
