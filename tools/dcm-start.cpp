// SPDX-License-Identifier: Apache-2.0
// dcm-start [OPTIONS] [-- ARG...]: runs the archive (bin/run.sh with ARG...) and cron beside it, as PID 1 or not, and
// ends when both have. With --restart, --status, --health or --ready: asks the one that runs.
#include <dcm/archive/control.hpp>
#include <dcm/archive/health.hpp>
#include <dcm/archive/supervisor.hpp>
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/lock.hpp>

#include <unistd.h>

#include "start_settings.hpp"

namespace {

namespace archive = dcm::archive;
using dcm::ExitCode;
using dcm::cli::Invocation;

const dcm::cli::Spec k_spec{
    "dcm-start",
    "Run the archive and cron, restart and stop them gracefully, and say how they are.",
    {{"", "", "Ask the running dcm-start"},
     {"status", "", "show its state"},
     {"json", "", "with --status: as JSON"},
     {"health", "", "one line; fails when a person should look, not while the archive starts"},
     {"ready", "", "one line; fails unless the archive is ready and takes images now"},
     {"restart", "", "restart the server gracefully, and wait until it is ready again"},
     {"reason", "TEXT", "with --restart: what the log and --status say about it"},
     {"print-user", "", "print UID and GID of who the server runs as; needs no running dcm-start"},
     {"", "", "The server"},
     {"home", "DIR", "root of the server", "DCM4CHEE_HOME", "/opt/dcm4chee"},
     {"run-as", "UID[:GID]", "its user instead of the one on record", "DCM_RUN_AS"},
     {"server-env", "NAMES", "variables that it gets beside those it needs", "DCM_SERVER_ENV"},
     {"stop-timeout", "DURATION", "then SIGKILL; unset: never at a stop, 5m at a restart", "DCM_STOP_TIMEOUT"},
     {"max-rss", "SIZE", "a JVM that holds more memory is restarted once no association is open", "DCM_MAX_RSS"},
     {"log-keep", "N|AGE", "how many, or how old, kept server.log files stay", "DCM_LOG_KEEP", "14"},
     {"server-peer-id", "N", "of JBoss Messaging: another for each node on one database", "DCM_SERVER_PEER_ID"},
     {"", "", "Health and status"},
     {"health-aet", "AET", "AE title that a C-ECHO is sent to", "DCM_HEALTH_AET", "DCM4CHEE"},
     {"health-port", "PORT", "DICOM port of the server", "DCM_HEALTH_PORT", "11112"},
     {"metrics-file", "FILE", "write the status for Prometheus's text file collector", "DCM_METRICS_FILE"},
     {"run-dir", "DIR", "where status.json and control are", "", "/run/dcm"}},
    "dcm-start --restart --reason nightly",
    dcm::cli::Trailing::arguments,
    "ARG... (of run.sh)"};

int print(const archive::Reply& reply)
{
    dcm::sys::write_all(STDOUT_FILENO, reply.text);
    return dcm::to_int(reply.code);
}

int start(const Invocation& invocation)
{
    const std::string run_dir = invocation.required("run-dir");
    if (invocation.flag("restart")) {
        return archive::ask_for_restart(run_dir, invocation.value("reason").value_or(""), dcm::log::write);
    }
    if (invocation.flag("status")) {
        const bool json = invocation.flag("json") || invocation.required("log-format") == "json";
        return print(archive::tell_status(run_dir, json ? archive::Form::json : archive::Form::text));
    }
    if (invocation.flag("health") || invocation.flag("ready")) {
        return print(
            archive::tell_health(run_dir, invocation.flag("ready") ? archive::Want::ready : archive::Want::sound));
    }
    if (invocation.flag("print-user")) {
        return print({dcm::ExitCode::ok, printed_user(invocation)});
    }
    // Before the first child: nobody else holds the volume for us.
    const dcm::sys::Fd volume = dcm::sys::take_over_lock();
    return archive::supervise(start_settings(invocation), dcm::log::write);
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_spec, start); }
