// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/backoff.hpp>
#include <dcm/archive/control.hpp>
#include <dcm/archive/cron_daemon.hpp>
#include <dcm/archive/events.hpp>
#include <dcm/archive/job_log.hpp>
#include <dcm/archive/leftovers.hpp>
#include <dcm/archive/log_queue.hpp>
#include <dcm/archive/server.hpp>
#include <dcm/archive/status_board.hpp>
#include <dcm/archive/stop.hpp>
#include <dcm/archive/supervisor.hpp>
#include <dcm/archive/watch.hpp>

#include <unistd.h>

#include <string>
#include <vector>

namespace dcm::archive {

enum class Phase {
    serving,     // the server runs, or waits to be started again
    restarting,  // asked to end, to be started again
    stopping,    // asked to end for good
    ending,      // the server is over, the rest is asked to end
};

// One run of dcm-start: waits for whatever happens, and has the parts do what follows. What happens, and who asks for
// what, is in supervisor.cpp; the life of the server, from one start to the next or to the end of all, in life.cpp.
class Supervisor {
public:
    Supervisor(const Settings& settings, const Notify& notify);

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
    std::vector<std::string> last_lines_of_server() const;
    void crashed(const sys::ExitStatus& status);
    void on_time();
    void follow_watch();
    void begin_ending(int result);
    int timeout() const;
    Clock::time_point now() const { return m_clock.now(); }
    void say(Level level, const std::string& message) const { m_notify({level, message, {}}); }
    void enter(const std::string& state, const std::string& reason, bool fault = false);

    const Settings& m_settings;
    const Notify m_notify;  // also tells whoever asked for the restart that goes on
    SystemClock m_clock;
    Signals m_signals;
    LogQueue m_log;
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
    Leftovers m_leftovers;
    int m_result = 0;
};

}  // namespace dcm::archive
