// SPDX-License-Identifier: Apache-2.0
#include "start_settings.hpp"

#include <dcm/archive/confinement.hpp>
#include <dcm/archive/health.hpp>
#include <dcm/archive/mounted_zone.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/volume/own.hpp>

#include "bind_address.hpp"
#include "last_end.hpp"
#include "server_user.hpp"

using namespace dcm::archive;

namespace {

std::optional<dcm::sys::Credentials> wanted_user(const dcm::cli::Invocation& invocation)
{
    return invocation.setting("run-as", dcm::volume::parse_user_of_server,
                              "no UID or UID:GID in digits that a server may run as");
}

}  // namespace

Settings start_settings(const dcm::cli::Invocation& invocation)
{
    Settings settings;
    settings.home = invocation.required("home");
    settings.run_dir = invocation.required("run-dir");
    refuse_second(settings.run_dir);
    settings.metrics_file = invocation.value("metrics-file").value_or("");
    settings.stop_timeout = invocation.setting("stop-timeout", dcm::parse_duration, "not a duration such as 90s or 2m");
    settings.log_keep = *invocation.setting("log-keep", parse_log_keep, "neither a count nor an age such as 30d");
    settings.health.aet = *invocation.setting("health-aet", parse_aet, "no AE title");
    settings.health.port = static_cast<std::uint16_t>(*invocation.number("health-port", 1, 65535));
    settings.max_rss = invocation.size("max-rss");
    // The JVM of run.sh takes -Dname=value as its argument, later than what run.conf says; what is given, last, wins.
    settings.arguments = invocation.trailing();
    if (const auto peer = invocation.number("server-peer-id", 0, 1023)) {
        settings.arguments.insert(settings.arguments.begin(),
                                  "-Djboss.messaging.ServerPeerID=" + std::to_string(*peer));
    }
    const std::string server = settings.server();
    bind_to_loopback(server);
    const auto environment = dcm::sys::environment();
    settings.environment = server_environment(environment, invocation.value("server-env").value_or(""));
    name_mounted_zone(settings.environment, dcm::log::write);
    settings.secrets =
        secret_paths(environment, settings.run_dir, dcm::sys::env("_DCM_BACKUP_DIR").value_or("/backup"));
    settings.run_as = user_of_server(server, wanted_user(invocation));
    settings.previous_end = previous_end(server);
    settings.keep_end = [server](const End& end) { keep_end(server, end); };
    settings.warnings = dcm::log::kept();
    return settings;
}

std::string printed_user(const dcm::cli::Invocation& invocation)
{
    const auto user = known_user(invocation.required("home") + "/server/default", wanted_user(invocation));
    return std::to_string(user.uid) + " " + std::to_string(user.gid) + "\n";
}
