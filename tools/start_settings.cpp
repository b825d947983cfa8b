// SPDX-License-Identifier: Apache-2.0
#include "start_settings.hpp"

#include <dcm/archive/arguments.hpp>
#include <dcm/archive/health.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/volume/marker.hpp>

#include "bind_address.hpp"

using namespace dcm::archive;

namespace {

using Marker = std::optional<dcm::volume::Marker>;

VolumeOrigin origin_of(const Marker& marker)
{
    if (!marker) {
        return VolumeOrigin::unknown;
    }
    return marker->origin == dcm::volume::Origin::adopted ? VolumeOrigin::original : VolumeOrigin::toolkit;
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
    settings.health.port = *invocation.setting("health-port", parse_port, "no port");
    settings.max_rss = invocation.setting("max-rss", parse_limit, "not a size such as 3G");
    const auto node = invocation.setting("node-name", parse_node_name, "not a name of letters, digits, '.', '_', '-'");
    const auto peer = invocation.setting("server-peer-id", parse_peer_id, "not a whole number from 0 to 1023");
    settings.arguments = run_arguments(node, peer, invocation.trailing());
    const std::string server = settings.home + "/server/default";
    const Marker marker = dcm::volume::read_marker_of(server);
    bind_to_loopback(server);
    const auto wanted = invocation.setting("run-as", dcm::sys::parse_credentials, "no UID or UID:GID in digits");
    settings.run_as = choose_user(server, wanted, origin_of(marker), dcm::log::write);
    settings.warnings = dcm::log::kept();
    return settings;
}
