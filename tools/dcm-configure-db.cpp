// SPDX-License-Identifier: Apache-2.0
// dcm-configure-db [OPTION...] [-- COMMAND [ARG...]]
// Writes the database's address and login into JBoss's datasource file, then becomes COMMAND.
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/settings.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>

#include <unistd.h>

namespace {

using dcm::Error;
using dcm::ExitCode;

const dcm::cli::Spec k_spec{
    "dcm-configure-db",
    "Write the database's address and login into the datasource file; what is not given stays as it is there.",
    {{"datasource", "FILE", "default: $DCM4CHEE_HOME/server/default/deploy/pacs-mysql-ds.xml"},
     {"jndi", "NAME", "jndi-name of the datasource in that file", "", "pacsDS"},
     {"host", "HOST", "instead of MYSQL_HOST"},
     {"port", "PORT", "instead of MYSQL_PORT"},
     {"database", "NAME", "instead of MYSQL_DATABASE"},
     {"user", "NAME", "instead of MYSQL_USER"},
     {"password-file", "FILE", "file that holds the password, instead of MYSQL_PASSWORD"}},
    {{ExitCode::data_error, "the datasource file cannot be understood"},
     {ExitCode::no_input, "the datasource file or a secret's file is missing"},
     {ExitCode::cant_create, "the file cannot be replaced"},
     {ExitCode::io_error, "reading or writing failed"},
     {ExitCode::no_permission, "no right to write the file"},
     {ExitCode::config, "a setting is contradictory, or JBoss cannot read it"}},
    "dcm-configure-db --host db.example.org -- dcm-wait-db --once"};

dcm::datasource::Settings settings_of(const dcm::cli::Invocation& invocation)
{
    auto settings = dcm::datasource::settings_from_environment(dcm::log::write);
    const auto override_with = [&](std::optional<std::string>& part, const char* option) {
        part = invocation.given(option) ? invocation.value(option) : part;
    };
    override_with(settings.host, "host");
    override_with(settings.port, "port");
    override_with(settings.database, "database");
    override_with(settings.user, "user");
    if (const auto file = invocation.value("password-file")) {
        settings.password = dcm::sys::read_secret_file(*file, "--password-file");
    }
    return settings;
}

int configure_db(const dcm::cli::Invocation& invocation)
{
    const std::string server = dcm::sys::env("DCM4CHEE_HOME").value_or("/opt/dcm4chee") + "/server/default";
    const std::string path = invocation.value("datasource").value_or(server + "/deploy/pacs-mysql-ds.xml");
    const auto text = dcm::sys::read_file(path, 1U << 20U);
    if (!text) {
        throw Error(ExitCode::no_input,
                    "no datasource file " + dcm::quoted(path) +
                        "; check --datasource and DCM4CHEE_HOME, or fill the volume with dcm-seed-volume");
    }
    const auto edited = dcm::datasource::apply(*text, path, invocation.required("jndi"), settings_of(invocation));
    if (edited != *text) {
        // Not beside the file: JBoss's deployment scanner would look at it. `.dcm` is on the same volume.
        const std::string own = server + "/.dcm";
        const bool on_volume = dcm::starts_with(path, server + "/") && access(own.c_str(), W_OK) == 0;
        dcm::sys::write_file_atomically(path, edited, {}, on_volume ? own : "");
        dcm::log::info("updated " + dcm::quoted(path));
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_spec, configure_db); }
