// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/inquiry.hpp>
#include <dcm/archive/leak_guard.hpp>
#include <dcm/archive/readiness.hpp>
#include <dcm/archive/server.hpp>
#include <dcm/archive/settings.hpp>
#include <dcm/archive/started_line.hpp>
#include <dcm/archive/status_board.hpp>
#include <dcm/sys/fd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace dcm::archive {

// What the life of the server has to know.
struct Event {
    enum class Kind {
        ready,
        overdue,    // not ready, though it should have been long ago
        too_large,  // its memory asks for a restart
    };
    Kind kind;
    std::string text;  // of too_large: why, for people
};
using Events = std::vector<Event>;

// Looks after the running server, says what changes, and keeps the board up to date: whether it is ready, what it holds
// in memory, and whether run.sh has started it anew.
class Monitor {
public:
    Monitor(const Settings& settings, const Server& server, StatusBoard& board);

    // `log`: where its log ends before it can write to it; nullopt where that is not known.
    void server_starts(const std::optional<LogEnd>& log, Clock::time_point now);
    void server_ending();  // asked to: what it answers from now on says nothing
    void server_over();

    // For poll(2): readable once the JVM has ended, -1 while that cannot be told; then call `jvm_ended`.
    int jvm() const { return m_jvm.get(); }
    void jvm_ended(Clock::time_point now);

    Events on_time(Clock::time_point now, const Notify& notify);
    Events on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify);
    Time next() const { return earliest({m_readiness.next(), m_sample_at, m_memory_at}); }

    // JBoss has said on its console that it started.
    void on_started_line(Clock::time_point now) { m_readiness.on_started_line(now); }

    // What is known of its memory, for the report of a crash.
    std::string memory_report(Clock::time_point now) const;

private:
    void expect_server(const std::optional<LogEnd>& log, Clock::time_point now);
    void read_log(const std::optional<LogEnd>& end);
    void read_memory(Clock::time_point now);
    void new_server(Clock::time_point now);
    Events follow(Clock::time_point now, const Notify& notify);
    void became_ready(Clock::time_point now, const Notify& notify);
    void answered();
    Events sample(Clock::time_point now, const Notify& notify);
    void find_server(Clock::time_point now, const Notify& notify);
    bool check_overdue(Clock::time_point now, const Notify& notify);
    std::optional<std::string> check_memory(Clock::time_point now);

    const Server& m_server;
    StatusBoard& m_board;
    std::string m_directory;                 // of the server
    std::optional<sys::Credentials> m_user;  // who writes its log
    Inquiry m_log_reader;                    // until JBoss says there that it started
    Readiness m_readiness;
    LeakGuard m_guard;
    Readiness::State m_before = Readiness::State::none;
    Time m_echo_seen;
    Time m_sample_at;
    Time m_memory_at;    // when to look at its memory again, which the report of a crash wants fresh
    Time m_resident_at;  // when that was
    sys::Fd m_jvm;       // a pidfd
    Time m_jvm_ended;
    std::uint64_t m_oom_kills = 0;  // when the server was started
};

}  // namespace dcm::archive
