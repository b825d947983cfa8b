// SPDX-License-Identifier: Apache-2.0
// dcm-job-shell -c LINE: what dcm-cron-load names as SHELL of a crontab. Cron runs every job through it; it gives the
// job the container's environment, puts its output in the container's log, keeps a record of it, and hands LINE to the
// real shell.
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/cron/job_shell.hpp>
#include <dcm/sys/env.hpp>

#include <unistd.h>

#include <array>
#include <string_view>

namespace {

const dcm::cli::Spec k_spec{
    "dcm-job-shell",
    "Run a job of cron as people expect it: the container's environment, its output in the container's log.",
    {},
    "dcm-job-shell -c 'echo hello'",
    dcm::cli::Trailing::arguments,
    "LINE"};

int job_shell(const dcm::cli::Invocation& invocation)
{
    if (invocation.trailing().size() != 1) {
        throw dcm::Error(dcm::ExitCode::usage, "needs one LINE; this is for cron, which calls it with -c LINE");
    }
    dcm::cron::JobShellSettings settings;
    settings.command = invocation.trailing()[0];
    settings.given = dcm::sys::environment();
    settings.log = dcm::cron::inherited_log();
    if (settings.log >= 0) {
        dup2(settings.log, STDERR_FILENO);  // cron's own standard error is a file that nobody reads
    }
    return dcm::cron::run_job(settings, dcm::log::write);
}

}  // namespace

int main(int argc, char** argv)
{
    static std::array<char, 3> separator{"--"};
    if (argc > 1 && std::string_view(argv[1]) == "-c") {
        argv[1] = separator.data();
    }
    return dcm::cli::run(argc, argv, k_spec, job_shell);
}
