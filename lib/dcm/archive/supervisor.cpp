// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/control.hpp>
#include <dcm/archive/cron_program.hpp>
#include <dcm/archive/descendants.hpp>
#include <dcm/archive/events.hpp>
#include <dcm/archive/host_name.hpp>
#include <dcm/archive/java_options.hpp>
#include <dcm/archive/job_log.hpp>
#include <dcm/archive/kept_child.hpp>
#include <dcm/archive/log_queue.hpp>
#include <dcm/archive/monitor.hpp>
#include <dcm/archive/process_table.hpp>
#include <dcm/archive/server.hpp>
#include <dcm/archive/server_life.hpp>
#include <dcm/archive/supervisor.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/acting_as.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

namespace dcm::archive {

namespace {

// One run of dcm-start: waits for whatever happens, tells the life of the server of it, and does what that asks for.
class Supervisor final : private ServerActions {
public:
    Supervisor(const Settings& settings, const Notify& notify);

    int run();

private:
    void prepare();
    void wait();
    void turn();
    void handle(int signal);
    void reap();
    void on_time();
    void follow(const Events& events);
    void end_the_rest();
    int timeout() const;
    bool serving() const { return m_life.phase() == Phase::serving; }
    Clock::time_point now() const { return m_clock.now(); }

    void start() override;
    bool running() const override { return m_server.running(); }
    void ask_to_end() override;
    void dump_threads() override { m_server.send(SIGQUIT); }
    void kill() override { m_server.kill(); }
    std::vector<std::string> last_words() override;
    void answer(ExitCode code, const std::string& text) override;

    const Settings& m_settings;
    const Notify m_notify;  // also tells whoever asked for the restart that goes on
    SystemClock m_clock;
    Signals m_signals;
    LogQueue m_log;
    Control m_control;
    StatusBoard m_board{m_settings.run_dir, m_settings.metrics_file};
    Server m_server;
    Monitor m_monitor{m_settings, m_server, m_board};
    ServerLife m_life{*this, m_board, m_settings.stop_timeout, m_notify};
    JobLog m_job_log{m_settings.run_dir + "/jobs.json", STDOUT_FILENO};
    KeptChild m_cron{"cron", "; going on without scheduled jobs"};
    Descendants m_rest;
    bool m_preparing = true;
    bool m_ending = false;
};

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
    m_life.begin(now());
    prepare();
    while (!m_ending || !m_rest.over()) {
        wait();
        turn();
    }
    m_job_log.finish(m_notify);
    m_board.enter("ended", "exit status " + std::to_string(m_life.result()));
    m_board.publish(m_notify);
    return m_life.result();
}

void Supervisor::prepare()
{
    m_control.open(m_settings.run_dir, m_notify);
    if (const auto cron = cron_program(m_job_log.write_end(), m_notify)) {
        m_cron.start([cron] { return sys::spawn(*cron); }, now(), m_notify);
    }
    m_board.status().cron_pid = m_cron.pid();
    if (read_processes().empty()) {
        m_notify({Level::warning,
                  "/proc is not mounted, proceeding: signals go to all of run.sh, memory is not watched; mount "
                  "it, as every container engine does",
                  {}});
    }
    for (const auto& warning : check_java(read_java_setup(m_settings.home))) {
        m_notify({Level::warning, warning, {}});
    }
    m_preparing = false;
    m_board.publish(m_notify);
}

void Supervisor::wait()
{
    std::array<pollfd, 6> waiting{{{m_signals.fd(), POLLIN, 0},
                                   {m_monitor.jvm(), POLLIN, 0},
                                   {m_control.listener(), POLLIN, 0},
                                   {m_control.caller(), POLLIN, 0},
                                   m_job_log.waits_for(),
                                   m_log.waits_for()}};
    if (poll(waiting.data(), waiting.size(), timeout()) > 0 && waiting[1].revents != 0) {
        m_monitor.jvm_ended(now());
    }
}

void Supervisor::turn()
{
    for (const int signal : m_signals.take()) {
        handle(signal);
    }
    reap();
    m_job_log.work(m_notify);
    m_log.work();
    if (const auto reason = m_control.take_request(now())) {
        m_life.request_restart(*reason, now());
    }
    on_time();
    if (m_life.phase() == Phase::over && !m_ending) {
        end_the_rest();
    }
    m_board.publish(m_notify);
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
        m_life.stop(std::string("stop requested (SIG") + sigabbrev_np(signal) + ")", now());
        return;
    case SIGUSR1:
        m_life.restart(restart_kind::requested, "SIGUSR1", now());
        return;
    default:
        m_server.send(signal);
    }
}

void Supervisor::reap()
{
    while (const auto dead = reap_one()) {
        m_server.on_reaped(dead->pid, dead->status, m_notify);
        follow(m_monitor.on_reaped(dead->pid, dead->status, now(), m_notify));
        m_cron.on_reaped(dead->pid, dead->status, now(), m_notify);
    }
    m_board.status().cron_pid = m_cron.pid();
    if (const auto status = m_server.take_end()) {
        m_monitor.server_over();
        m_life.on_end(*status, now());
    } else if (m_server.dissolving()) {
        m_life.on_remains(now());
    }
}

void Supervisor::on_time()
{
    m_life.on_time(now());
    if (serving()) {
        follow(m_monitor.on_time(now(), m_notify));
    }
    m_cron.on_time(now(), m_notify);
    m_rest.on_time(now(), m_notify);
}

void Supervisor::follow(const Events& events)
{
    for (const auto& event : events) {
        switch (event.kind) {
        case Event::Kind::ready:
            m_life.on_ready();
            break;
        case Event::Kind::overdue:
            m_life.on_overdue();
            break;
        case Event::Kind::too_large:
            m_life.restart(restart_kind::memory, event.text, now());
            break;
        }
    }
}

void Supervisor::end_the_rest()
{
    m_ending = true;
    m_cron.let_go();
    m_control.close();
    m_rest.begin(now());
}

int Supervisor::timeout() const
{
    const Time next = earliest(
        {m_life.next(), serving() ? m_monitor.next() : Time{}, m_cron.next(), m_control.next(), m_rest.next()});
    if (!next) {
        return -1;
    }
    return static_cast<int>(std::clamp<Clock::duration::rep>((*next - now()).count(), 0, 3600000));
}

void Supervisor::start()
{
    {
        // The log is the server's: what it leads to is nothing that the server could not reach itself.
        const sys::ActingAs user(m_settings.run_as.user);
        keep_server_log(m_settings.server_log(), m_settings.log_keep, m_notify);
    }
    m_monitor.server_starts(now());  // before it can write to its log
    sys::LongLived program;
    program.argv = {m_settings.home + "/bin/run.sh"};
    program.argv.insert(program.argv.end(), m_settings.arguments.begin(), m_settings.arguments.end());
    program.session = sys::Session::own;
    program.credentials = m_settings.run_as.user;
    program.privileges = m_settings.run_as.privileges;
    try {
        m_server.start(program);
    } catch (...) {
        m_monitor.server_over();
        throw;
    }
}

void Supervisor::ask_to_end()
{
    m_monitor.server_ending();
    m_server.ask_to_end();
}

std::vector<std::string> Supervisor::last_words()
{
    std::vector<std::string> words;
    const sys::ActingAs user(m_settings.run_as.user);
    for (const auto& line : last_lines(m_settings.server_log(), 10)) {
        words.push_back("server.log: " + line);
    }
    words.push_back("memory: " + m_monitor.memory_report());
    return words;
}

// Whoever is answered finds the status renewed.
void Supervisor::answer(ExitCode code, const std::string& text)
{
    m_board.publish(m_notify);
    m_control.finish(code, text);
}

}  // namespace

int supervise(const Settings& settings, const Notify& notify) { return Supervisor(settings, notify).run(); }

}  // namespace dcm::archive
