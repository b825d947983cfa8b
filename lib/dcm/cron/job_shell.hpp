// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/cron/environment.hpp>

#include <string>

namespace dcm::cron {

struct JobShellSettings {
    std::string command;                          // the line, as cron gives it to a shell
    Environment given;                            // by cron: what the crontab sets, and the user's
    std::string run_directory = k_run_directory;  // as `publish_environment` left it
    int log = -1;                                 // end of dcm-start's socket of jobs; -1: there is none
};

// Run `command` by the real shell (`k_job_shell` in `given`, else /bin/sh) in the job's environment and return its
// status as a shell tells it, once nobody holds its output any more. Its lines go to `log` under its name, and records
// of start and end with them; without `log` to standard output, and a failure is a warning notice. The end is on record
// as soon as the shell has ended, also when something that it started lives on and holds the output. Signals are passed
// on. Throws Error(not_found or not_executable) when the shell cannot be run, which is on record then.
int run_job(const JobShellSettings& settings, const Notify& notify);

// sys::k_job_log_fd when that leads to dcm-start, made CLOEXEC; else -1.
int inherited_log();

}  // namespace dcm::cron
