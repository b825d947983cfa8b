// SPDX-License-Identifier: Apache-2.0
// dcm-wait-db [OPTION...] [-- COMMAND [ARG...]]
// Waits until the login that JBoss will use works, then becomes COMMAND.
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/settings.hpp>
#include <dcm/db/session.hpp>
#include <dcm/db/wait.hpp>
#include <dcm/sys/env.hpp>

namespace {

using dcm::ExitCode;
using namespace std::chrono_literals;

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
     {"fail-fast", "", "end at once on what only a person can mend: a wrong password, no such database"}},
    {{ExitCode::data_error, "the datasource file cannot be understood"},
     {ExitCode::no_input, "the datasource file or a secret's file is missing"},
     {ExitCode::unavailable, "--once, --fail-fast: unknown host, refused, no such database"},
     {ExitCode::temp_fail, "--timeout has passed"},
     {ExitCode::no_permission, "--once, --fail-fast: access denied, or no right to the database"},
     {ExitCode::config, "a setting is contradictory or cannot be used"}},
    "dcm-wait-db --timeout 2m -- echo the database is up"};

// A retry time nobody can read must not keep an archive down: the option is an error, the variable only a warning.
std::chrono::milliseconds interval_of(const dcm::cli::Invocation& invocation)
{
    if (const auto given = invocation.duration("interval")) {
        return *given;
    }
    const auto name = dcm::sys::env("MYSQL_CONNECT_RETRY") ? "MYSQL_CONNECT_RETRY" : "MYSQL_RETRY_CONNECT";
    const auto text = dcm::sys::env(name).value_or("30");
    const auto interval = dcm::parse_duration(text);
    if (!interval || *interval < 1ms) {
        dcm::log::warning(std::string(name) + ": " + dcm::quoted(text) +
                          " is not a time such as 30 or 2m, ignoring; 30 s");
        return 30s;
    }
    return *interval;
}

int wait_db(const dcm::cli::Invocation& invocation)
{
    const std::string home = dcm::sys::env("DCM4CHEE_HOME").value_or("/opt/dcm4chee");
    const auto path = invocation.value("datasource").value_or(home + "/server/default/deploy/pacs-mysql-ds.xml");
    const auto jndi = invocation.required("jndi");
    const bool from_env = invocation.flag("from-env");
    dcm::db::WaitPolicy policy;
    policy.interval = interval_of(invocation);
    policy.timeout = invocation.duration("timeout");
    policy.once = invocation.flag("once");
    policy.fail_fast = invocation.flag("fail-fast");
    dcm::SystemClock clock;
    dcm::db::wait(
        [&] {
            const auto login = from_env ? dcm::datasource::login_from_environment(dcm::log::write)
                                        : dcm::datasource::login_from_file(path, jndi);
            return dcm::db::Attempt{dcm::db::try_login(login, 10s), login};
        },
        policy, clock, dcm::log::write);
    return 0;
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_spec, wait_db); }
