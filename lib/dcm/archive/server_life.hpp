// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/backoff.hpp>
#include <dcm/archive/server_actions.hpp>
#include <dcm/archive/status_board.hpp>
#include <dcm/archive/stop.hpp>
#include <dcm/core/notice.hpp>
#include <dcm/sys/process.hpp>

#include <optional>
#include <string>

namespace dcm::archive {

enum class Phase {
    serving,     // the server runs, or waits to be started again
    restarting,  // asked to end, to be started again
    stopping,    // asked to end for good
    over,        // it has ended for good
};

// The life of the server from its first start to its end for good: what follows when it is asked to stop or to restart,
// when it ends, when time passes. Whoever has it tells it what happens.
class ServerLife {
public:
    // `stop_timeout`: then a thread dump and SIGKILL; left out: a stop has no limit, a restart 5 minutes.
    ServerLife(ServerActions& server, StatusBoard& board, std::optional<Clock::duration> stop_timeout, Notify notify);

    // The first start; throws Error when it fails.
    void begin(Clock::time_point now);

    void stop(const std::string& why, Clock::time_point now);

    // Nothing while it restarts or stops.
    void restart(const std::string& kind, const std::string& reason, Clock::time_point now);

    // A restart that somebody asks for, who is answered when it is over, or at once why there is none.
    void request_restart(const std::string& reason, Clock::time_point now);

    void on_ready();
    void on_overdue();
    void on_end(const sys::ExitStatus& status, Clock::time_point now);
    void on_remains(Clock::time_point now);  // run.sh has ended and left something behind: that is to end as well
    void on_time(Clock::time_point now);
    Time next() const { return earliest({m_start_at, m_stop.next()}); }

    Phase phase() const { return m_phase; }
    int result() const { return m_result; }  // once it is over: the status to end with

private:
    void start(Clock::time_point now);
    void start_again(Clock::time_point now);
    void start_again_later(const std::string& kind, const std::string& what, Clock::time_point now);
    void ask_to_end(Phase phase, Clock::time_point now);
    void crash(const sys::ExitStatus& status, Clock::time_point now);
    void end(int result);
    void say(Level level, const std::string& message) const { m_notify({level, message, {}}); }

    ServerActions& m_server;
    StatusBoard& m_board;
    std::optional<Clock::duration> m_stop_timeout;
    Notify m_notify;
    Phase m_phase = Phase::serving;
    Stop m_stop;
    Backoff m_backoff;
    Clock::time_point m_started{};
    Time m_start_at;  // again
    int m_result = 0;
};

}  // namespace dcm::archive
