// SPDX-License-Identifier: Apache-2.0
// dcm-start [OPTIONS] [-- ARG...]: runs the archive (bin/run.sh with ARG...) and cron beside it, as PID 1 or not, and
// ends when both have.
#include <dcm/archive/supervisor.hpp>
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>

namespace {

using dcm::cli::Invocation;

const dcm::cli::Spec k_spec{
    "dcm-start",
    "Run the archive and cron, and stop them gracefully.",
    {{"home", "DIR", "root of the server", "DCM4CHEE_HOME", "/opt/dcm4chee"},
     {"stop-timeout", "DURATION", "after that, a server that was asked to end is killed; unset: never",
      "DCM_STOP_TIMEOUT"},
     {"on-crash", "exit|restart", "what to do when the server dies unasked", "DCM_ON_CRASH", "exit"},
     {"log-keep", "N|AGE", "how many, or how old, kept server.log files stay", "DCM_LOG_KEEP", "14"}},
    {{dcm::ExitCode::not_executable, "bin/run.sh is not executable"}, {dcm::ExitCode::not_found, "no bin/run.sh"}},
    "dcm-start -- -Djboss.messaging.ServerPeerID=1",
    dcm::cli::Trailing::arguments,
    "ARG... (of run.sh)"};

int start(const Invocation& invocation)
{
    dcm::archive::Settings settings;
    settings.home = invocation.required("home");
    settings.arguments = invocation.trailing();
    settings.stop_timeout = invocation.duration("stop-timeout");
    const auto on_crash = invocation.required("on-crash");
    if (on_crash != "exit" && on_crash != "restart") {
        throw invocation.bad_value("on-crash", "neither exit nor restart");
    }
    settings.on_crash = on_crash == "exit" ? dcm::archive::OnCrash::end : dcm::archive::OnCrash::restart;
    const auto keep = dcm::archive::parse_log_keep(invocation.required("log-keep"));
    if (!keep) {
        throw invocation.bad_value("log-keep", "neither a count nor an age such as 30d");
    }
    settings.log_keep = *keep;
    return dcm::archive::supervise(settings, dcm::log::write);
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_spec, start); }
