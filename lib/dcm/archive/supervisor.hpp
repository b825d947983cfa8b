// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/leak_guard.hpp>
#include <dcm/archive/readiness.hpp>
#include <dcm/archive/run_as.hpp>
#include <dcm/archive/server_log.hpp>
#include <dcm/core/notice.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace dcm::archive {

enum class OnCrash { end, restart };

struct Settings {
    std::string home = "/opt/dcm4chee";
    std::string run_dir = "/run/dcm";                       // status.json and control
    std::string metrics_file;                               // empty: none
    std::vector<std::string> warnings;                      // of the start so far, for the status
    std::vector<std::string> arguments;                     // of run.sh
    RunAs run_as;                                           // run.sh
    std::optional<std::chrono::milliseconds> stop_timeout;  // then a thread dump and SIGKILL; left out: wait
    OnCrash on_crash = OnCrash::end;
    LogKeep log_keep;
    std::string crontab_loader;  // see CronSettings
    HealthTarget health;
    std::optional<MemoryBound> max_rss;       // of the JVM: restarted in the window
    std::optional<MemoryBound> max_rss_hard;  // at any time, once no association is open
    DayWindow restart_window;

    std::string server_log() const { return home + "/server/default/log/server.log"; }
};

// Run `home`/bin/run.sh, and cron beside it, until a signal asks to stop or the server crashes. SIGTERM and SIGINT stop
// it gracefully, SIGUSR1 and `run_dir`/control restart the server in place, other signals go to the JVM. Cron is
// started again whenever it ends, and so is a server that ends cleanly though nobody asked. Returns, once nothing this
// process started lives any more, the status to end with: 0 after a stop that was asked for and ended cleanly, else the
// server's own. Takes all signals and every child of the calling process for itself. Throws Error(not_found or
// not_executable) when run.sh cannot be started.
int supervise(const Settings& settings, const Notify& notify);

}  // namespace dcm::archive
