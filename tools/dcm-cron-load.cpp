// SPDX-License-Identifier: Apache-2.0
// dcm-cron-load [OPTIONS] [-- COMMAND [ARG...]]: makes the crontab file the crontab of a user, by cron's own `crontab`;
// then becomes COMMAND.
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/cron/load.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/process.hpp>

#include "kept_crontab.hpp"

namespace {

const dcm::cli::Spec k_spec{
    "dcm-cron-load",
    "Check a crontab file and install it as the whole crontab of a user.",
    {{"file", "FILE", "the crontab; absent or empty is fine", "_DCM_CRONTAB_FILE", "/crontab_file"},
     {"user", "NAME", "whose crontab it becomes", "", "root"},
     {"check", "", "only check FILE, install nothing"},
     {"keep-going", "", "report what is wrong, but succeed: no fault of the crontab stops what follows"}},
    "dcm-cron-load --check --file ./crontab_file"};

int cron_load(const dcm::cli::Invocation& invocation)
{
    dcm::cron::LoadSettings settings;
    settings.file = invocation.required("file");
    settings.user = invocation.required("user");
    settings.job_shell = dcm::sys::helper_program("dcm-job-shell").value_or("");
    if (settings.user == "root") {
        settings.kept = kept_crontab(dcm::sys::env("DCM4CHEE_HOME").value_or("/opt/dcm4chee") + "/server/default");
    }
    settings.container_starts = !invocation.trailing().empty();
    if (invocation.flag("check")) {
        dcm::cron::check(settings, dcm::log::write);
    } else if (invocation.flag("keep-going")) {
        dcm::cron::load_or_explain(settings, dcm::log::write);
    } else {
        dcm::cron::load(settings, dcm::log::write);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_spec, cron_load); }
