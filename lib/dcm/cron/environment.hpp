// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dcm::cron {

using Environment = std::vector<std::string>;  // NAME=VALUE

// Where dcm-cron-load leaves the container's environment for jobs, and where jobs find it.
constexpr const char* k_run_directory = "/run/dcm";

// PATH in a table that the job shell serves and that sets none itself: cron would put its own default there.
constexpr std::string_view k_container_path = "container";

// Make `environment` what jobs see, in `directory`: `env` (mode 0600) for root's jobs, `env.public` (0644) without
// secrets for those of other users. What describes the process at hand rather than the container (HOME, SHELL, PWD…)
// stays out. Throws as sys::write_file_atomically.
void publish_environment(const Environment& environment, const std::string& directory);

// Variable of a table that the job shell serves: the shell that it hands the jobs to.
constexpr std::string_view k_job_shell = "_DCM_JOB_SHELL";

// Whether that was done already.
bool is_environment_published(const std::string& directory);

// What this process may read of it: all as root, else what is public; empty when there is nothing.
Environment read_environment(const std::string& directory);

// The form of these files: entries that each end in a zero byte, as in /proc/PID/environ. What is no entry is left out.
std::string format_environment(const Environment& environment);
Environment parse_environment(std::string_view text);

// The environment of a job: what cron gave, which is what the crontab sets and what cron knows about the user, over the
// container's. SHELL becomes `shell`.
Environment job_environment(const Environment& container, const Environment& given, const std::string& shell);

}  // namespace dcm::cron
