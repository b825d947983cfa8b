// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/leak_guard.hpp>
#include <dcm/archive/readiness.hpp>
#include <dcm/archive/server.hpp>
#include <dcm/archive/status_board.hpp>
#include <dcm/archive/supervisor.hpp>
#include <dcm/sys/fd.hpp>

#include <optional>
#include <string>

namespace dcm::archive {

// Looks after the running server, says what changes, and keeps the board up to date: whether it is ready, what it holds
// in memory, and whether run.sh has started it anew.
class Watch {
public:
    Watch(const Settings& settings, const Server& server, StatusBoard& board);

    void server_starts(Clock::time_point now);
    void server_ending();  // asked to: what it answers from now on says nothing
    void server_over();

    // For poll(2): readable once the JVM has ended, -1 while that cannot be told; then call `jvm_ended`.
    int jvm() const { return m_jvm.get(); }
    void jvm_ended(Clock::time_point now);

    void on_time(Clock::time_point now, const Notify& notify);
    void on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify);
    Time next() const { return earliest({m_readiness.next(), m_sample_at}); }

    // Once each: that the server has become ready; that it should have long ago; why its memory asks for a restart.
    bool take_ready() { return std::exchange(m_ready, false); }
    bool take_overdue() { return std::exchange(m_overdue, false); }
    std::optional<std::string> take_restart() { return std::exchange(m_restart, std::nullopt); }

    // What is known of its memory, for the report of a crash.
    std::string memory_report() const;

private:
    void expect_server(Clock::time_point now);
    void new_server(Clock::time_point now);
    void changed(Clock::time_point now, const Notify& notify);
    void answered();
    void sample(Clock::time_point now, const Notify& notify);
    void find_server(Clock::time_point now, const Notify& notify);
    void check_overdue(Clock::time_point now, const Notify& notify);
    void guard(Clock::time_point now, const Notify& notify);

    const Server& m_server;
    StatusBoard& m_board;
    std::string m_log;
    std::optional<sys::Credentials> m_user;  // who writes it
    Readiness m_readiness;
    LeakGuard m_guard;
    Readiness::State m_before = Readiness::State::none;
    Time m_echo_seen;
    Time m_sample_at;
    sys::Fd m_jvm;  // a pidfd
    Time m_jvm_ended;
    std::uint64_t m_oom_kills = 0;  // when the server was started
    bool m_ready = false;
    bool m_overdue = false;
    std::optional<std::string> m_restart;
};

}  // namespace dcm::archive
