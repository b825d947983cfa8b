// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/readiness.hpp>
#include <dcm/archive/run_as.hpp>
#include <dcm/archive/server_log.hpp>
#include <dcm/archive/status.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dcm::archive {

struct Settings {
    std::string home = "/opt/dcm4chee";
    std::string run_dir = "/run/dcm";                       // status.json and control
    std::string metrics_file;                               // empty: none
    std::vector<std::string> warnings;                      // of the start so far, for the status
    std::vector<std::string> arguments;                     // of run.sh
    RunAs run_as;                                           // run.sh
    std::vector<std::string> environment;                   // of run.sh
    std::vector<std::string> secrets;                       // paths that it must not read
    std::optional<End> previous_end;                        // of the server, before this container started
    std::function<void(const End&)> keep_end;               // on the volume, as this process; empty: not kept
    std::optional<std::chrono::milliseconds> stop_timeout;  // then a thread dump and SIGKILL; left out: wait
    LogKeep log_keep;
    HealthTarget health;
    std::optional<std::uint64_t> max_rss;  // of the JVM: restarted above it, once no association is open

    std::string run_script() const { return home + "/bin/run.sh"; }
    std::string server() const { return home + "/server/default"; }
};

}  // namespace dcm::archive
