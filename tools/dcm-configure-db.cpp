// SPDX-License-Identifier: Apache-2.0
// dcm-configure-db [OPTION...] [-- COMMAND [ARG...]]
// Writes the database's address and login into JBoss's datasource file, then becomes COMMAND.
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/configure.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/own.hpp>

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
    settings.checker =
        invocation.flag("no-connection-checker") ? datasource::Checker::as_it_is : datasource::Checker::enabled;
    return settings;
}

// For a pipe to a program that logs in as JBoss does: the password is on no screen and in no argument.
void print_login(const datasource::Login& login)
{
    if (isatty(STDOUT_FILENO) == 1) {
        throw dcm::Error(ExitCode::usage, "--print-login prints the password; pipe it into the program that needs it");
    }
    if (!login.domain.empty()) {
        throw dcm::Error(ExitCode::unavailable, "the login is in the security domain " + dcm::quoted(login.domain) +
                                                    ", which only the server can read; set MYSQL_USER and "
                                                    "MYSQL_PASSWORD");
    }
    std::string text;
    for (const auto& part : {login.host, login.port, login.database, login.user, login.password,
                             std::string(datasource::to_string(login.encryption))}) {
        text.append(part).push_back('\0');
    }
    dcm::sys::write_all(STDOUT_FILENO, text);
}

int configure_db(const dcm::cli::Invocation& invocation)
{
    const std::string home = dcm::sys::env("DCM4CHEE_HOME").value_or("/opt/dcm4chee");
    const auto file = invocation.value("datasource").value_or(home + "/server/default/deploy/pacs-mysql-ds.xml");
    const auto jndi_name = invocation.required("jndi");
    const auto settings = settings_of(invocation);
    if (invocation.flag("print-login")) {
        print_login(datasource::resolve(file, jndi_name, settings));
        return dcm::to_int(ExitCode::ok);
    }
    const std::string before = datasource::read_datasource_file(file);
    const auto edit = datasource::apply(before, file, jndi_name, settings, dcm::log::write);
    if (invocation.flag("diff")) {
        dcm::sys::write_all(STDOUT_FILENO, datasource::show(edit.changes));
    } else if (!invocation.flag("check") && !edit.changes.empty() && datasource::write(file, edit, dcm::log::write)) {
        dcm::volume::note_written(home + "/server/default", file, before, edit.text, dcm::log::write);
    }
    return dcm::to_int(invocation.flag("check") && !edit.changes.empty() ? ExitCode::temp_fail : ExitCode::ok);
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_spec, configure_db); }
