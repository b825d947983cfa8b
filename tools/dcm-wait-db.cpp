// SPDX-License-Identifier: Apache-2.0
// dcm-wait-db [OPTION...] [-- COMMAND [ARG...]]
// Waits until the login that JBoss will use works, looks whether the archive can work with it, then becomes COMMAND.
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/db/environment.hpp>
#include <dcm/db/gate.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/volume/marker.hpp>

namespace {

using dcm::ExitCode;

const dcm::cli::Spec k_spec{
    "dcm-wait-db",
    "Wait until the database takes the login that stands in the datasource file.",
    {{"datasource", "FILE", "default: $DCM4CHEE_HOME/server/default/deploy/pacs-mysql-ds.xml"},
     {"jndi", "NAME", "jndi-name of the datasource in that file", "", "pacsDS"},
     {"from-env", "", "try the login of the MYSQL_* variables instead of the file's"},
     {"interval", "DURATION",
      "time between login attempts, in seconds or with a unit (default: MYSQL_CONNECT_RETRY, 30)"},
     {"timeout", "DURATION", "give up after it (default: never)"},
     {"once", "", "try once"},
     {"fail-fast", "", "end at once on what only a person can mend: a wrong password, no such database"},
     {"require-schema", "", "wait for the archive's tables and first rows too"},
     {"check-archive", "DIR", "end with 75 when none of the newest files that the database knows is in DIR"},
     {"apply-settings", "", "write into the database what belongs there: DCM_ADMIN_PASSWORD_FILE"},
     {"preflight", "", "all of these as the start of an archive needs them: schema and driver are warnings"},
     {"status-file", "FILE", "keep the state there, as JSON (default with --preflight: /run/dcm/db.json)"}},
    "dcm-wait-db --timeout 2m -- echo the database is up"};

// The checks of a start concern dcm4chee: a volume that says it holds another product (the sandbox) has none of it.
bool holds_dcm4chee(const std::string& server)
{
    const auto marker = dcm::volume::read_marker(server + "/.dcm/marker");
    return !marker || marker->product == "dcm4chee";
}

int wait_db(const dcm::cli::Invocation& invocation)
{
    const auto say = dcm::log::write;
    const std::string server = dcm::sys::env("DCM4CHEE_HOME").value_or("/opt/dcm4chee") + "/server/default";
    const auto file = invocation.value("datasource").value_or(server + "/deploy/pacs-mysql-ds.xml");
    const bool preflight = invocation.flag("preflight");
    const auto wants = [&, all = preflight && holds_dcm4chee(server)](const char* option) {
        return all || invocation.given(option);
    };
    const dcm::db::WaitPolicy policy{
        invocation.period("interval") ? *invocation.period("interval") : dcm::db::retry_interval(say),
        invocation.duration("timeout"), invocation.flag("once"), invocation.flag("fail-fast")};
    const dcm::db::Checks checks{server,
                                 true,
                                 wants("require-schema"),
                                 wants("check-archive") ? dcm::db::archive_check(say) : dcm::db::ArchiveCheck::off,
                                 invocation.value("check-archive").value_or(server + "/archive"),
                                 wants("apply-settings"),
                                 preflight ? dcm::db::Strictness::warn : dcm::db::Strictness::wait};
    dcm::SystemClock clock;
    dcm::db::wait_for_database(
        [&] { return dcm::db::access_of(invocation.flag("from-env") ? "" : file, invocation.required("jndi"), say); },
        checks, policy, invocation.value("status-file").value_or(preflight ? "/run/dcm/db.json" : ""), clock, say);
    return 0;
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_spec, wait_db); }
