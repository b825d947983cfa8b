// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/clock.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/cron/job_name.hpp>
#include <dcm/cron/job_output.hpp>
#include <dcm/cron/job_shell.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/job_record.hpp>
#include <dcm/sys/process.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

namespace dcm::cron {

namespace {

// How much output that is there already is copied before the end goes on record; what lives on may write without end.
constexpr int k_last_reads = 64;

std::string value_of(const Environment& environment, const std::string& name)
{
    for (const auto& entry : environment) {
        if (starts_with(entry, name + "=")) {
            return entry.substr(name.size() + 1);
        }
    }
    return {};
}

sys::Fd signal_source()
{
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) {
        sigaddset(&set, signal);
    }
    sigprocmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGCHLD, SIG_DFL);
    std::signal(SIGPIPE, SIG_IGN);
    return sys::Fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

// One run of a job.
class Run {
public:
    Run(const JobShellSettings& settings, const Notify& notify);

    int run();

private:
    void start();
    void watch();
    void handle_signals();
    void ended(const sys::ExitStatus& status);
    bool copy();
    void put(sys::JobEvent event) const;
    std::string title() const { return "job " + quoted(m_record.name); }

    const JobShellSettings& m_settings;
    const Notify& m_notify;
    std::string m_shell;
    Environment m_environment;
    sys::JobRecord m_record;
    JobOutput m_output;
    sys::Pipe m_pipe = sys::make_pipe(sys::Reading::never_waits);
    sys::Fd m_signals;
    SystemClock m_clock;
    Clock::time_point m_started;
    pid_t m_child = 0;
    bool m_open = true;  // somebody holds the write end of the job's output
};

sys::JobRecord describe(const JobShellSettings& settings)
{
    using namespace std::chrono;
    sys::JobRecord record;
    record.id = job_id(settings.command);
    record.name = job_name(settings.command);
    record.started_ms = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    return record;
}

std::string choose_shell(const JobShellSettings& settings)
{
    const std::string chosen = value_of(settings.given, std::string(k_job_shell));
    return chosen.empty() ? "/bin/sh" : chosen;
}

Run::Run(const JobShellSettings& settings, const Notify& notify)
    : m_settings(settings), m_notify(notify), m_shell(choose_shell(settings)), m_record(describe(settings)),
      m_output(settings.log < 0 ? STDOUT_FILENO : settings.log,
               sys::job_prefix(sys::user_name(geteuid()), m_record.name))
{
    m_environment = job_environment(read_environment(settings.run_directory), settings.given, m_shell);
}

int Run::run()
{
    m_started = m_clock.now();
    start();
    watch();
    return m_record.status.shell_code();
}

void Run::start()
{
    m_signals = signal_source();
    sys::LongLived program;
    program.argv = {m_shell, "-c", m_settings.command};
    program.environment = m_environment;
    program.descriptors = {{STDOUT_FILENO, m_pipe.write_end.get()}, {STDERR_FILENO, m_pipe.write_end.get()}};
    put(sys::JobEvent::started);
    try {
        m_child = sys::spawn(program);
    } catch (const Error& failure) {
        ended(sys::ExitStatus::exited(to_int(failure.code())));
        throw;
    }
    m_pipe.write_end.reset();
}

void Run::watch()
{
    while (m_child != 0 || m_open) {
        std::array<pollfd, 2> waiting{{{m_signals.get(), POLLIN, 0}, {m_open ? m_pipe.read_end.get() : -1, POLLIN, 0}}};
        poll(waiting.data(), waiting.size(), -1);
        if (waiting[1].revents != 0) {
            copy();
        }
        if (waiting[0].revents != 0) {
            handle_signals();
        }
    }
    m_output.finish();
}

void Run::handle_signals()
{
    signalfd_siginfo info{};
    while (::read(m_signals.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
        const int signal = static_cast<int>(info.ssi_signo);
        if (signal != SIGCHLD && m_child != 0) {
            ::kill(m_child, signal);
        } else if (signal != SIGCHLD) {
            m_open = false;  // only what lives on holds the output, and this process is asked to end
        }
    }
    int status = 0;
    if (m_child == 0 || waitpid(m_child, &status, WNOHANG) != m_child) {
        return;
    }
    m_child = 0;
    for (int reads = 0; reads < k_last_reads && copy(); ++reads) {
    }
    if (!m_open) {
        m_output.finish();
    }
    ended(sys::ExitStatus::decode(status));
}

void Run::ended(const sys::ExitStatus& status)
{
    m_record.status = status;
    m_record.duration = m_clock.now() - m_started;
    put(sys::JobEvent::ended);
    if (m_settings.log < 0 && !status.success()) {
        m_notify(
            {Level::warning, title() + " failed: " + status.str() + " after " + human_duration(m_record.duration), {}});
    }
}

// Pass on a part of the output; false when there is none at the moment.
bool Run::copy()
{
    std::array<char, 16384> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by read
    const auto got = ::read(m_pipe.read_end.get(), buffer.data(), buffer.size());
    if (got > 0) {
        m_output.feed({buffer.data(), static_cast<std::size_t>(got)});
        return true;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        m_open = false;
    }
    return false;
}

void Run::put(sys::JobEvent event) const
{
    if (m_settings.log >= 0) {
        auto record = m_record;
        record.event = event;
        static_cast<void>(sys::write_all(m_settings.log, sys::format_job_record(record)));
    }
}

}  // namespace

int run_job(const JobShellSettings& settings, const Notify& notify) { return Run(settings, notify).run(); }

int inherited_log()
{
    int type = 0;
    socklen_t size = sizeof(type);
    if (getsockopt(sys::k_job_log_fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
        return -1;
    }
    fcntl(sys::k_job_log_fd, F_SETFD, FD_CLOEXEC);
    return sys::k_job_log_fd;
}

}  // namespace dcm::cron
