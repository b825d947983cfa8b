// SPDX-License-Identifier: Apache-2.0
// dcm-configure-db [OPTION...] [-- COMMAND [ARG...]]
// Writes the database's address and login into JBoss's datasource file, then becomes COMMAND.
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/datasource/configure.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>

#include <unistd.h>

namespace {

using dcm::ExitCode;
namespace datasource = dcm::datasource;

const dcm::cli::Spec k_spec{
    "dcm-configure-db",
    "Write the database's address and login into the datasource file; what is not given stays as it is there.",
    {{"datasource", "FILE", "default: $DCM4CHEE_HOME/server/default/deploy/pacs-mysql-ds.xml"},
     {"jndi", "NAME", "jndi-name of the datasource in that file", "", "pacsDS"},
     {"host", "HOST", "name or IPv4 address of the database server", "MYSQL_HOST"},
     {"port", "PORT", "its port", "MYSQL_PORT"},
     {"database", "NAME", "name of the database", "MYSQL_DATABASE"},
     {"user", "NAME", "instead of MYSQL_USER"},
     {"password-file", "FILE", "file that holds the password, instead of MYSQL_PASSWORD"},
     {"jdbc-params", "K=V&K=V", "parameters of the JDBC URL to add or replace", "MYSQL_JDBC_PARAMS"},
     {"tls-mode", "MODE", "disabled, preferred, required, verify-ca or verify-identity", "MYSQL_TLS_MODE"},
     {"tls-ca", "FILE", "certificate of the CA, PEM", "MYSQL_TLS_CA"},
     {"pool-min", "N", "connections that are kept", "MYSQL_POOL_MIN"},
     {"pool-max", "N", "connections at most", "MYSQL_POOL_MAX"},
     {"no-connection-checker", "", "do not have JBoss test connections before it uses them"},
     {"diff", "", "show what would change, passwords left out; change nothing"},
     {"check", "", "change nothing; exit status 75 when something would change"}},
    {{ExitCode::data_error, "the datasource file or a certificate cannot be understood"},
     {ExitCode::no_input, "the datasource file or a secret's file is missing"},
     {ExitCode::cant_create, "the file cannot be replaced"},
     {ExitCode::io_error, "reading or writing failed"},
     {ExitCode::temp_fail, "--check: the file does not say yet what it should"},
     {ExitCode::no_permission, "no right to write the file"},
     {ExitCode::config, "a setting is contradictory, or JBoss cannot read it"}},
    "dcm-configure-db --host db.example.org -- dcm-wait-db --once"};

datasource::Settings settings_of(const dcm::cli::Invocation& invocation)
{
    datasource::Settings settings;
    settings.host = invocation.value("host");
    settings.port = datasource::without_link(invocation.value("port"), dcm::log::write);
    settings.database = invocation.value("database");
    settings.user = invocation.given("user") ? invocation.value("user") : dcm::sys::env_secret("MYSQL_USER");
    const auto file = invocation.value("password-file");
    settings.password =
        file ? dcm::sys::read_secret_file(*file, "--password-file") : dcm::sys::env_secret("MYSQL_PASSWORD");
    settings.parameters = datasource::parse_jdbc_parameters(invocation.value("jdbc-params"), "MYSQL_JDBC_PARAMS");
    settings.tls = datasource::make_tls(invocation.value("tls-mode"), invocation.value("tls-ca"));
    settings.pool_min = invocation.number("pool-min", 0, 10000);
    settings.pool_max = invocation.number("pool-max", 1, 10000);
    settings.checker =
        invocation.flag("no-connection-checker") ? datasource::Checker::as_it_is : datasource::Checker::enabled;
    return settings;
}

int configure_db(const dcm::cli::Invocation& invocation)
{
    auto files = datasource::files_of(dcm::sys::env("DCM4CHEE_HOME").value_or("/opt/dcm4chee"));
    files.datasource = invocation.value("datasource").value_or(files.datasource);
    files.jndi_name = invocation.required("jndi");
    const auto plan = datasource::plan(files, settings_of(invocation), dcm::log::write);
    if (invocation.flag("diff")) {
        dcm::sys::write_all(STDOUT_FILENO, datasource::show(plan, files));
    } else if (!invocation.flag("check")) {
        datasource::carry_out(plan, files, dcm::log::write);
    }
    return dcm::to_int(invocation.flag("check") && !plan.is_empty() ? ExitCode::temp_fail : ExitCode::ok);
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_spec, configure_db); }
