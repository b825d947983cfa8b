// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/memory.hpp>
#include <dcm/archive/tcp_table.hpp>
#include <dcm/archive/watch.hpp>
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

constexpr Clock::duration k_sample = 1min;
constexpr Clock::duration k_settle = 1s;  // for run.sh to end as well, or to start the JVM again

LeakGuard make_guard(const Settings& settings, const std::optional<std::uint64_t>& limit)
{
    const std::uint64_t available = limit.value_or(machine_memory());
    const auto bytes = [&](const std::optional<MemoryBound>& bound) {
        return bound ? std::optional(bound->of(available)) : std::nullopt;
    };
    return {bytes(settings.max_rss), bytes(settings.max_rss_hard), settings.restart_window};
}

const char* name_of(Answer answer)
{
    switch (answer) {
    case Answer::accepted:
        return "accepted";
    case Answer::rejected:
        return "rejected";
    case Answer::untested:
        return "untested";
    case Answer::none:
        break;
    }
    return "none";
}

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

int minute_of_day()
{
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    return local.tm_hour * 60 + local.tm_min;
}

}  // namespace

Watch::Watch(const Settings& settings, const Server& server, StatusBoard& board)
    : m_server(server), m_board(board), m_log(settings.server_log()), m_user(settings.run_as.user),
      m_readiness(settings.health), m_guard(make_guard(settings, read_container_memory().limit))
{
    Status& status = board.status();
    status.aet = settings.health.aet;
    status.port = settings.health.port;
    status.max_rss = m_guard.soft();
    status.max_rss_hard = m_guard.hard();
}

void Watch::server_starts(Clock::time_point now)
{
    expect_server(now);
    new_server(now);
}

// Only what is written and answered from here on counts.
void Watch::expect_server(Clock::time_point now)
{
    m_readiness.server_started(m_log, m_user, now);
    m_before = State::starting;
    m_echo_seen.reset();
    m_ready = false;
    m_overdue = false;
    m_restart.reset();
    m_jvm.reset();
    m_jvm_ended.reset();
}

// What was known of the one before is kept until here: the report of a crash wants it.
void Watch::new_server(Clock::time_point now)
{
    m_guard.forget();
    m_sample_at = now + k_sample;
    const auto memory = read_container_memory();
    m_oom_kills = memory.oom_kills.value_or(0);
    m_board.status().memory_limit = memory.limit;
    m_board.status().oom_kills = memory.oom_kills;
    m_board.server_started(now);
    m_board.enter("starting",
                  "waiting for JBoss and for an answer on DICOM port " + std::to_string(m_readiness.target().port));
}

void Watch::server_ending()
{
    m_readiness.server_over();
    m_before = State::none;
    m_sample_at.reset();
    m_restart.reset();
    m_jvm.reset();
    m_jvm_ended.reset();
}

void Watch::jvm_ended(Clock::time_point now)
{
    expect_server(now);
    m_jvm_ended = now;
    m_sample_at = now + k_settle;
}

void Watch::server_over()
{
    server_ending();
    m_board.status().oom_kills = read_container_memory().oom_kills;
    m_board.status().server_pid = 0;
}

void Watch::on_time(Clock::time_point now, const Notify& notify)
{
    m_readiness.on_time(now);
    changed(now, notify);
    if (take_due(m_sample_at, now)) {
        m_sample_at = now + (m_guard.enabled() ? m_guard.interval() : k_sample);
        sample(now, notify);
        m_board.write(notify);
    }
}

void Watch::on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify)
{
    m_readiness.on_reaped(pid, status, now);
    changed(now, notify);
}

// Whatever moved: put it on the board, and say it when the state did.
void Watch::changed(Clock::time_point now, const Notify& notify)
{
    const State state = m_readiness.state();
    if (m_readiness.last_at() == m_echo_seen && state == m_before) {
        return;
    }
    m_echo_seen = m_readiness.last_at();
    answered();
    const State before = std::exchange(m_before, state);
    const std::string answer = describe(m_readiness.last());
    if (state == State::ready && before == State::starting) {
        find_server(now, notify);
        const bool restart = m_board.restart_goes_on();
        const std::string took = human_duration(m_board.ready(now));
        m_board.enter("ready", answer);
        sample(now, notify);
        m_sample_at = now + k_sample;
        m_ready = true;
        notify({Level::info, (restart ? "ready again, away for " : "ready after ") + took + ": " + answer, {}});
    } else if (state == State::ready) {
        m_board.enter("ready", answer);
        if (before == State::silent) {
            notify({Level::info, "the archive answers again: " + answer, {}});
        }
    } else if (state == State::silent) {
        m_board.enter("silent", answer);
        if (before == State::ready) {
            notify({Level::warning,
                    "the archive does not answer on DICOM port " + std::to_string(m_readiness.target().port) + ": " +
                        answer,
                    {}});
        }
    }
    m_board.write(notify);
}

void Watch::answered()
{
    if (m_echo_seen) {
        m_board.status().dicom_answer = name_of(m_readiness.last().answer);
        m_board.status().dicom_text = m_readiness.last().text;
        m_board.status().dicom_checked = std::time(nullptr);
    }
}

void Watch::sample(Clock::time_point now, const Notify& notify)
{
    find_server(now, notify);
    check_overdue(now, notify);
    Status& status = m_board.status();
    status.resident = status.server_pid == 0 ? std::nullopt : resident_memory(status.server_pid);
    if (m_readiness.state() == State::ready || m_readiness.state() == State::silent) {
        guard(now, notify);
    }
}

// run.sh starts the server again by itself when that ends with status 10.
void Watch::find_server(Clock::time_point now, const Notify& notify)
{
    Status& status = m_board.status();
    const pid_t found = m_readiness.state() == State::none ? status.server_pid : m_server.main_pid();
    if (found == status.server_pid) {
        return;
    }
    if (status.server_pid != 0 && !m_jvm && !m_jvm_ended && ::kill(status.server_pid, 0) != 0 && errno == ESRCH) {
        expect_server(now);
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

void Watch::check_overdue(Clock::time_point now, const Notify& notify)
{
    const std::string overdue = m_readiness.overdue(now);
    if (!overdue.empty() && !m_board.status().fault) {
        m_board.enter("starting", overdue);
        m_board.status().fault = true;
        m_overdue = true;
        notify({Level::error, overdue, {}});
    }
}

void Watch::guard(Clock::time_point now, const Notify& notify)
{
    const auto& resident = m_board.status().resident;
    if (!resident || !m_guard.enabled()) {
        return;
    }
    const auto port = m_readiness.target().port;
    const std::size_t own = m_readiness.probing() ? 1 : 0;
    const auto associations = [&] {
        const auto count = read_port_use(port).connections;
        return count > own ? count - own : 0;
    };
    auto verdict = m_guard.judge(*resident, now, minute_of_day(), associations);
    if (verdict.action == LeakGuard::Verdict::Action::announce) {
        notify({Level::warning, verdict.text, {}});
    } else if (verdict.action == LeakGuard::Verdict::Action::restart) {
        m_restart = std::move(verdict.text);
    }
}

std::string Watch::memory_report() const
{
    const Status& status = m_board.status();
    std::string text =
        status.resident ? "it held " + human_size(*status.resident) + " of memory" : "it ended before that was read";
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
