// SPDX-License-Identifier: Apache-2.0
// dcm-wait-db [OPTION...] [-- COMMAND [ARG...]]
// Waits until the login that JBoss will use works, looks whether the archive can work with it, then becomes COMMAND.
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/db/preflight.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/volume/marker.hpp>

#include "wait_db_options.hpp"

namespace {

// The checks of a start concern dcm4chee: a volume that says it holds another product (the sandbox) has none of it.
bool holds_dcm4chee(const std::string& server)
{
    const auto marker = dcm::volume::read_marker_of(server);
    return !marker || marker->product == "dcm4chee";
}

dcm::db::WaitPolicy policy_of(const dcm::cli::Invocation& invocation)
{
    dcm::db::WaitPolicy policy;
    policy.interval = *invocation.period("interval");
    policy.timeout = invocation.duration("timeout");
    policy.once = invocation.flag("once");
    policy.fail_fast = invocation.flag("fail-fast");
    return policy;
}

dcm::db::Checks checks_of(const dcm::cli::Invocation& invocation, const std::string& server)
{
    const bool preflight = invocation.flag("preflight");
    const bool all = preflight && holds_dcm4chee(server);
    dcm::db::Checks checks;
    checks.server_directory = server;
    checks.purpose = preflight ? dcm::db::Purpose::start : dcm::db::Purpose::use;
    checks.schema = all || invocation.flag("require-schema");
    checks.passwords = all;
    checks.other_servers = all;
    if (all || invocation.given("check-archive")) {
        checks.archive = *invocation.setting("archive-check", dcm::db::parse_archive_check, "not stop, warn or off");
    }
    checks.archive_directory = invocation.value("check-archive").value_or(server + "/archive");
    return checks;
}

int wait_db(const dcm::cli::Invocation& invocation)
{
    namespace datasource = dcm::datasource;
    const auto say = dcm::log::write;
    const std::string server = dcm::sys::env("DCM4CHEE_HOME").value_or("/opt/dcm4chee") + "/server/default";
    const auto file = invocation.value("datasource").value_or(server + "/deploy/pacs-mysql-ds.xml");
    const auto login = [&] {
        return invocation.flag("from-env") ? datasource::login_of(datasource::settings_from_environment(say))
                                           : datasource::login_from_file(file, invocation.required("jndi"));
    };
    dcm::SystemClock clock;
    dcm::db::wait_for_database(
        login, checks_of(invocation, server), policy_of(invocation),
        invocation.value("status-file").value_or(invocation.flag("preflight") ? "/run/dcm/db.json" : ""), clock, say);
    return 0;
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_spec, wait_db); }
