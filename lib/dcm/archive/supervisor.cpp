// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/asked_log.hpp>
#include <dcm/archive/confinement.hpp>
#include <dcm/archive/console.hpp>
#include <dcm/archive/control.hpp>
#include <dcm/archive/cron_program.hpp>
#include <dcm/archive/descendants.hpp>
#include <dcm/archive/events.hpp>
#include <dcm/archive/host_name.hpp>
#include <dcm/archive/java_check.hpp>
#include <dcm/archive/job_log.hpp>
#include <dcm/archive/kept_child.hpp>
#include <dcm/archive/log_queue.hpp>
#include <dcm/archive/memory.hpp>
#include <dcm/archive/monitor.hpp>
#include <dcm/archive/process_table.hpp>
#include <dcm/archive/server.hpp>
#include <dcm/archive/server_life.hpp>
#include <dcm/archive/started_line.hpp>
#include <dcm/archive/supervisor.hpp>
#include <dcm/archive/surroundings.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/answer.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/landlock.hpp>
#include <dcm/sys/mounts.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_end_limit = 2s;
constexpr Clock::duration k_java_limit = 1min;
constexpr int k_reaped_per_turn = 100;  // a storm of orphans must not keep all else waiting

// As the server does it, and confined like it.
void run_as_server(sys::LongLived& program, const Settings& settings)
{
    if (const auto helper = sys::helper_program("dcm-confine")) {
        auto mounts = sys::mounts_below("/");
        std::for_each(mounts.begin(), mounts.end(), [](std::string& mount) { mount.insert(0, "/"); });
        const auto confinement = confinement_of(settings.server(), settings.run_as, mounts, settings.secrets);
        program.argv = confined(*helper, confinement, program.argv);
    }
    program.environment = settings.environment;
    program.credentials = settings.run_as.user;
    program.privileges = settings.run_as.privileges;
}

sys::LongLived server_program(const Settings& settings, int output)
{
    sys::LongLived program;
    program.argv = {settings.run_script()};
    program.argv.insert(program.argv.end(), settings.arguments.begin(), settings.arguments.end());
    run_as_server(program, settings);
    program.session = sys::Session::own;
    program.descriptors = {{STDOUT_FILENO, output}};
    return program;
}

// One run of dcm-start: waits for whatever happens, tells the life of the server of it, and does what that asks for.
class Supervisor final : private ServerActions {
public:
    Supervisor(const Settings& settings, const Notify& notify);

    int run();

private:
    void prepare();
    void ask_java();
    void take_java(const Inquiry::Answer& answer);
    void wait();
    void turn();
    void handle(int signal);
    void reap();
    void on_time();
    void follow(const Events& events);
    void end_the_rest();
    int timeout() const;
    void see(std::string_view line);
    bool serving() const { return m_life.phase() == Phase::serving; }
    Clock::time_point now() const { return m_clock.now(); }

    void keep_end();

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
    Surroundings m_surroundings{m_settings, m_board};
    Console m_console{STDOUT_FILENO, [this](std::string_view line) { see(line); }};
    ServerLife m_life{*this, m_board, m_settings.stop_timeout, m_notify};
    JobLog m_job_log{m_settings.run_dir + "/jobs.json", STDOUT_FILENO};
    Inquiry m_java;
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
    m_board.status().last_end = settings.previous_end;
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
    m_console.finish();
    m_job_log.finish(m_notify);
    m_board.enter("ended", "exit status " + std::to_string(m_life.result()));
    m_board.publish(m_notify);
    return m_life.result();
}

void Supervisor::prepare()
{
    // Jobs of cron may restart the server; whatever else is below this process is the server's.
    const auto is_of_server = [this](pid_t pid) { return is_below(pid, getpid(), m_cron.pid(), read_processes()); };
    m_control.open(m_settings.run_dir, is_of_server, m_notify);
    if (const auto cron = cron_program(m_job_log.write_end(), m_notify)) {
        m_cron.start([cron] { return sys::spawn(*cron); }, now(), m_notify);
    }
    m_board.status().cron_pid = m_cron.pid();
    if (sys::landlock_version() < sys::k_landlock_least) {
        m_notify({Level::info,
                  "the server is not confined, since this kernel has no Landlock or an old one (Linux 5.19 has what it "
                  "takes): an intruder in it may write what its user may; run the container with read_only: true "
                  "(docs/security.md)",
                  {}});
    }
    ask_java();
    m_preparing = false;
    m_board.publish(m_notify);
}

void Supervisor::ask_java()
{
    sys::LongLived question = java_question(m_settings.home);
    run_as_server(question, m_settings);
    m_java.ask(question, now(), k_java_limit);
}

void Supervisor::take_java(const Inquiry::Answer& answer)
{
    const bool site_options = !trim(sys::env("JAVA_OPTS").value_or("")).empty();
    for (const auto& warning : judge_java(answer, read_container_memory().limit, site_options)) {
        m_notify({Level::warning, warning, {}});
        m_board.status().warnings.push_back("dcm-start: warning: " + warning);
        m_board.renew();
    }
}

void Supervisor::wait()
{
    std::array<pollfd, 7> waiting{{{m_signals.fd(), POLLIN, 0},
                                   {m_monitor.jvm(), POLLIN, 0},
                                   {m_control.listener(), POLLIN, 0},
                                   {m_control.caller(), POLLIN, 0},
                                   m_console.waits_for(),
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
    m_console.work();
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
    for (int reaped = 0; reaped < k_reaped_per_turn; ++reaped) {
        const auto dead = reap_one();
        if (!dead) {
            break;
        }
        m_server.on_reaped(dead->pid, dead->status, m_notify);
        follow(m_monitor.on_reaped(dead->pid, dead->status, now(), m_notify));
        if (const auto answer = m_java.on_reaped(dead->pid, dead->status)) {
            take_java(*answer);
        }
        m_surroundings.on_reaped(dead->pid, dead->status, now(), m_notify);
        m_cron.on_reaped(dead->pid, dead->status, now(), m_notify);
    }
    m_board.status().cron_pid = m_cron.pid();
    if (const auto status = m_server.take_end()) {
        m_console.work();
        m_monitor.server_over();
        m_surroundings.end();
        m_life.on_end(*status, now());
        keep_end();
    } else if (m_server.dissolving()) {
        m_life.on_remains(now());
    }
}

void Supervisor::on_time()
{
    m_life.on_time(now());
    if (serving()) {
        follow(m_monitor.on_time(now(), m_notify));
        m_surroundings.on_time(now(), m_notify);
    }
    m_java.on_time(now());
    m_cron.on_time(now(), m_notify);
    m_rest.on_time(now(), m_notify);
}

void Supervisor::see(std::string_view line)
{
    if (says_started(line)) {
        m_monitor.on_started_line(now());
    }
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
    if (has_dead_child()) {
        return 0;
    }
    const Time server = serving() ? earliest({m_monitor.next(), m_surroundings.next()}) : Time{};
    const Time next = earliest({m_life.next(), server, m_cron.next(), m_control.next(), m_java.next(), m_rest.next()});
    if (!next) {
        return -1;
    }
    return static_cast<int>(std::clamp<Clock::duration::rep>((*next - now()).count(), 0, 3600000));
}

void Supervisor::start()
{
    m_monitor.server_starts(keep_log(m_settings, m_notify), now());
    m_surroundings.begin(now());
    try {
        m_server.start(server_program(m_settings, m_console.write_end()), m_settings.run_script());
    } catch (...) {
        m_monitor.server_over();
        m_surroundings.end();
        throw;
    }
}

// How it ended survives the container: the engine may start it again at once.
void Supervisor::keep_end()
try {
    const auto& end = m_board.status().last_end;
    if (m_settings.keep_end && end) {
        sys::answer_within(k_end_limit, [&] {
            m_settings.keep_end(*end);
            return std::string();
        });
    }
} catch (const Error& failure) {
    m_notify({Level::warning, std::string("cannot keep how the server has ended: ") + failure.what(), {}});
}

void Supervisor::ask_to_end()
{
    m_monitor.server_ending();
    m_server.ask_to_end();
}

std::vector<std::string> Supervisor::last_words()
{
    std::vector<std::string> words;
    for (const auto& line : last_lines_of_log(m_settings)) {
        words.push_back("server.log: " + line);
    }
    words.push_back("memory: " + m_monitor.memory_report(now()));
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
