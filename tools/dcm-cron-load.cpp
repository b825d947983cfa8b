// SPDX-License-Identifier: Apache-2.0
// dcm-cron-load [OPTIONS] [-- COMMAND [ARG...]]: makes the crontab file the crontab of a user, by cron's own `crontab`;
// then becomes COMMAND.
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/cron/load.hpp>
#include <dcm/cron/report.hpp>
#include <dcm/cron/watch.hpp>
#include <dcm/sys/process.hpp>
#include <dcm/sys/time_zone.hpp>

#include <ctime>
#include <iostream>

namespace {

using dcm::cli::Invocation;

const dcm::cli::Spec k_spec{
    "dcm-cron-load",
    "Check a crontab file and install it as the whole crontab of a user.",
    {{"file", "FILE", "the crontab; absent or empty is fine", "DCM_CRONTAB_FILE", "/crontab_file"},
     {"user", "NAME", "whose crontab it becomes", "", "root"},
     {"check", "", "only check FILE, install nothing"},
     {"next", "N", "only print when each job of FILE runs the next N times, 1 to 100"},
     {"list", "", "only print what is installed, with the last results"},
     {"watch", "", "follow FILE and load every change, until a signal ends it"},
     {"interval", "DURATION", "how often --watch looks", "", "5s"},
     {"keep-going", "", "report what is wrong, but succeed: no fault of the crontab stops what follows"}},
    "dcm-cron-load --check --file ./crontab_file"};

dcm::cron::LoadSettings read_settings(const Invocation& invocation)
{
    dcm::cron::LoadSettings settings;
    settings.file = invocation.required("file");
    settings.user = invocation.required("user");
    settings.job_shell = dcm::sys::helper_program("dcm-job-shell").value_or("");
    settings.container_starts = !invocation.trailing().empty();
    return settings;
}

int cron_load(const Invocation& invocation)
{
    const auto settings = read_settings(invocation);
    const auto next = invocation.number("next", 1, 100);
    const bool only_tells = next || invocation.flag("list") || invocation.flag("check");
    if (const auto fault = only_tells ? dcm::sys::keep_time_of_jobs() : std::nullopt) {
        dcm::log::error("jobs run by the time of /etc/localtime: " + *fault);
    }
    if (next) {
        std::cout << dcm::cron::describe_next(settings, std::time(nullptr), *next) << std::flush;
    } else if (invocation.flag("list")) {
        std::cout << dcm::cron::describe_installed(settings) << std::flush;
    } else if (invocation.flag("check")) {
        dcm::cron::check(settings, dcm::log::write);
    } else if (invocation.flag("watch")) {
        dcm::cron::watch(settings, *invocation.duration("interval"), dcm::log::write);
    } else if (invocation.flag("keep-going")) {
        dcm::cron::load_or_explain(settings, dcm::log::write);
    } else {
        dcm::cron::load(settings, dcm::log::write);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_spec, cron_load); }
