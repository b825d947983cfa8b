// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/memory.hpp>
#include <dcm/archive/monitor.hpp>
#include <dcm/archive/started_line.hpp>
#include <dcm/archive/tcp_table.hpp>
#include <dcm/core/names.hpp>
#include <dcm/core/text.hpp>

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;
using State = Readiness::State;
using Answer = EchoResult::Answer;

constexpr auto k_answers = names_up_to<Answer::untested>("none", "accepted", "rejected", "untested");

constexpr Clock::duration k_sample = 1min;
constexpr Clock::duration k_memory = 5s;
constexpr Clock::duration k_look_at_log = 100ms;
constexpr Clock::duration k_settle = 1s;  // for run.sh to end as well, or to start the JVM again

std::string describe(const EchoResult& result)
{
    switch (result.answer) {
    case Answer::accepted:
        return "C-ECHO accepted";
    case Answer::rejected:
        return "association rejected (" + result.text + "), so the archive is up; DCM_HEALTH_AET names its AE title";
    case Answer::untested:
        return "its port listens, DICOM itself was not tested: " + result.text;
    case Answer::none:
        break;
    }
    return "no answer to a C-ECHO: " + result.text;
}

}  // namespace

Monitor::Monitor(const Settings& settings, const Server& server, StatusBoard& board)
    : m_server(server), m_board(board), m_directory(settings.server()), m_user(settings.run_as.user),
      m_readiness(settings.health), m_guard(settings.max_rss)
{
    Status& status = board.status();
    status.aet = settings.health.aet;
    status.port = settings.health.port;
    status.max_rss = settings.max_rss;
}

void Monitor::server_starts(const std::optional<LogEnd>& log, Clock::time_point now)
{
    expect_server(log, now);
    new_server(now);
}

// Only what is written and answered from here on counts.
void Monitor::expect_server(const std::optional<LogEnd>& log, Clock::time_point now)
{
    m_readiness.server_started(now);
    read_log(log);
    m_before = State::starting;
    m_echo_seen.reset();
    m_jvm.reset();
    m_jvm_ended.reset();
}

// What was known of the one before is kept until here: the report of a crash wants it.
void Monitor::new_server(Clock::time_point now)
{
    m_guard.forget();
    m_sample_at = now + k_sample;
    m_memory_at = now + k_memory;
    m_resident_at.reset();
    const auto memory = read_container_memory();
    m_oom_kills = memory.oom_kills.value_or(0);
    m_board.status().memory_limit = memory.limit;
    m_board.status().oom_kills = memory.oom_kills;
    m_board.server_started(now);
    m_board.enter("starting",
                  "waiting for JBoss and for an answer on DICOM port " + std::to_string(m_readiness.target().port));
}

// Where the console is silent, the log says it. A child reads it: the volume may never answer. Without an end that is
// known, what it finds there is old.
void Monitor::read_log(const std::optional<LogEnd>& end)
{
    m_log_reader.abandon();
    m_log_reader.ask(
        m_user,
        [this, &end] {
            StartedLine line;
            line.watch(m_directory, end ? *end : end_of_log(m_directory));
            SystemClock clock;
            while (!line.look()) {
                clock.sleep(k_look_at_log);
            }
            return std::string();
        },
        Clock::time_point{}, std::nullopt);
}

void Monitor::server_ending()
{
    m_readiness.server_over();
    m_log_reader.abandon();
    m_memory_at.reset();
    m_before = State::none;
    m_sample_at.reset();
    m_jvm.reset();
    m_jvm_ended.reset();
}

void Monitor::jvm_ended(Clock::time_point now)
{
    expect_server(std::nullopt, now);
    m_jvm_ended = now;
    m_sample_at = now + k_settle;
}

void Monitor::server_over()
{
    server_ending();
    m_board.status().oom_kills = read_container_memory().oom_kills;
    m_board.status().server_pid = 0;
}

Events Monitor::on_time(Clock::time_point now, const Notify& notify)
{
    m_readiness.on_time(now);
    if (take_due(m_memory_at, now)) {
        m_memory_at = now + k_memory;
        read_memory(now);
    }
    Events events = follow(now, notify);
    if (take_due(m_sample_at, now)) {
        m_sample_at = now + (m_guard.enabled() ? m_guard.interval() : k_sample);
        const Events more = sample(now, notify);
        events.insert(events.end(), more.begin(), more.end());
    }
    return events;
}

Events Monitor::on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify)
{
    m_readiness.on_reaped(pid, status, now);
    if (const auto answer = m_log_reader.on_reaped(pid, status); answer && answer->status.success()) {
        m_readiness.on_started_line(now);
    }
    return follow(now, notify);
}

// Whatever moved: put it on the board, and say it when the state did.
Events Monitor::follow(Clock::time_point now, const Notify& notify)
{
    const State state = m_readiness.state();
    if (m_readiness.last_at() == m_echo_seen && state == m_before) {
        return {};
    }
    m_echo_seen = m_readiness.last_at();
    answered();
    const State before = std::exchange(m_before, state);
    const std::string answer = describe(m_readiness.last());
    if (state == State::ready && before == State::starting) {
        became_ready(now, notify);
        Events events = sample(now, notify);
        events.insert(events.begin(), {Event::Kind::ready, {}});
        return events;
    }
    if (state == State::ready) {
        m_board.enter("ready", answer);
        if (before == State::silent) {
            notify({Level::info, "the archive answers again: " + answer, {}});
        }
    } else if (state == State::silent) {
        m_board.enter("silent", answer);
        if (before == State::ready) {
            const auto port = std::to_string(m_readiness.target().port);
            notify({Level::warning, "the archive does not answer on DICOM port " + port + ": " + answer, {}});
        }
    }
    m_board.renew();
    return {};
}

void Monitor::became_ready(Clock::time_point now, const Notify& notify)
{
    find_server(now, notify);
    const std::string answer = describe(m_readiness.last());
    const bool restart = m_board.restart_goes_on();
    const std::string took = human_duration(m_board.ready(now));
    m_board.enter("ready", answer);
    m_sample_at = now + k_sample;
    notify({Level::info, (restart ? "ready again, away for " : "ready after ") + took + ": " + answer, {}});
}

void Monitor::answered()
{
    if (m_echo_seen) {
        m_board.status().dicom_answer = name_in(k_answers, m_readiness.last().answer);
        m_board.status().dicom_text = m_readiness.last().text;
        m_board.status().dicom_checked = std::time(nullptr);
    }
}

Events Monitor::sample(Clock::time_point now, const Notify& notify)
{
    find_server(now, notify);
    Events events;
    if (check_overdue(now, notify)) {
        events.push_back({Event::Kind::overdue, {}});
    }
    read_memory(now);
    if (auto why = check_memory(now)) {
        events.push_back({Event::Kind::too_large, std::move(*why)});
    }
    m_board.renew();
    return events;
}

// run.sh starts the server again by itself when that ends with status 10.
void Monitor::find_server(Clock::time_point now, const Notify& notify)
{
    Status& status = m_board.status();
    const pid_t found = m_readiness.state() == State::none ? status.server_pid : m_server.main_pid();
    if (found == status.server_pid) {
        return;
    }
    if (status.server_pid != 0 && !m_jvm && !m_jvm_ended && ::kill(status.server_pid, 0) != 0 && errno == ESRCH) {
        expect_server(std::nullopt, now);
        m_jvm_ended = now;
    }
    if (const auto ended = std::exchange(m_jvm_ended, std::nullopt)) {
        const std::string what = "run.sh has started the server again: it ended with status 10";
        notify({Level::info, what, {}});
        m_board.restart_begins(restart_kind::itself, what, *ended);
        new_server(*ended);
    }
    status.server_pid = found;
    // By number: in glibc 2.36 pidfd_open(2) has C++ linkage.
    m_jvm.reset(found == 0 ? -1 : static_cast<int>(syscall(SYS_pidfd_open, found, 0)));
}

// What a JVM that is gone held is kept.
void Monitor::read_memory(Clock::time_point now)
{
    Status& status = m_board.status();
    const auto resident = status.server_pid == 0 ? std::nullopt : resident_memory(status.server_pid);
    if (resident) {
        status.resident = resident;
        m_resident_at = now;
    }
}

bool Monitor::check_overdue(Clock::time_point now, const Notify& notify)
{
    const std::string overdue = m_readiness.overdue(now);
    if (overdue.empty() || m_board.status().fault) {
        return false;
    }
    m_board.enter("starting", overdue, Fault::yes);
    notify({Level::error, overdue, {}});
    return true;
}

std::optional<std::string> Monitor::check_memory(Clock::time_point now)
{
    const auto& resident = m_board.status().resident;
    const bool serving = m_readiness.state() == State::ready || m_readiness.state() == State::silent;
    if (!resident || !serving || !m_guard.enabled()) {
        return std::nullopt;
    }
    const std::size_t own = m_readiness.probing() ? 1 : 0;
    return m_guard.judge(*resident, now, [&] {
        const auto count = connections_to(read_tcp_table(), m_readiness.target().port);
        return count > own ? count - own : 0;
    });
}

std::string Monitor::memory_report(Clock::time_point now) const
{
    const Status& status = m_board.status();
    std::string text = "it ended before that was read";
    if (status.resident && m_resident_at) {
        text = "it held " + human_size(*status.resident) + " of memory " + human_duration(now - *m_resident_at) +
               " before its end";
    }
    if (status.memory_limit) {
        text += ", the container's limit is " + human_size(*status.memory_limit);
    }
    const auto kills = status.oom_kills.value_or(0);
    if (kills > m_oom_kills) {
        text += "; the kernel killed " + std::to_string(kills - m_oom_kills) +
                " of its processes for want of memory: raise the container's limit, or lower -Xmx in JAVA_OPTS";
    }
    return text;
}

}  // namespace dcm::archive
