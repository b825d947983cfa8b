// SPDX-License-Identifier: Apache-2.0
// dcm-configure-db [OPTION...] [-- COMMAND [ARG...]]
// Writes the database's address and login into JBoss's datasource file, then becomes COMMAND.
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/datasource/configure.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>

#include <unistd.h>

#include "configure_db_options.hpp"

namespace {

using dcm::ExitCode;
namespace datasource = dcm::datasource;

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

// For a pipe to a program that logs in as JBoss does: the password is on no screen and in no argument.
int print_login(const datasource::Login& login)
{
    if (isatty(STDOUT_FILENO) == 1) {
        throw dcm::Error(ExitCode::usage, "--print-login prints the password; pipe it into the program that needs it");
    }
    std::string text;
    for (const auto& part : {login.host, login.port, login.database, login.user, login.password}) {
        text.append(part).push_back('\0');
    }
    dcm::sys::write_all(STDOUT_FILENO, text);
    return dcm::to_int(ExitCode::ok);
}

int configure_db(const dcm::cli::Invocation& invocation)
{
    auto files = datasource::files_of(dcm::sys::env("DCM4CHEE_HOME").value_or("/opt/dcm4chee"));
    files.datasource = invocation.value("datasource").value_or(files.datasource);
    files.jndi_name = invocation.required("jndi");
    if (invocation.flag("print-login")) {
        return print_login(datasource::login_from_file(files.datasource, files.jndi_name));
    }
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
