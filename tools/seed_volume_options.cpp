// SPDX-License-Identifier: Apache-2.0
#include "seed_volume_options.hpp"

#include <dcm/sys/env.hpp>
#include <dcm/volume/own.hpp>

#include <unistd.h>

#include <ctime>

using dcm::ExitCode;
namespace volume = dcm::volume;

const dcm::cli::Spec k_seed_volume_spec{
    "dcm-seed-volume",
    "Make the volume server/default complete: fill it when it is empty, bring what a newer image changed, keep what "
    "the site changed.",
    {{"template", "DIR", "pristine tree with its manifest (default: $DCM4CHEE_HOME/server/default.dist)",
      "DCM_TEMPLATE"},
     {"target", "DIR", "the volume (default: $DCM4CHEE_HOME/server/default)"},
     {"on-upgrade", "merge|keep",
      "what to do when the image is newer than the volume (default: merge, except on first "
      "contact with a volume of another image and for an upgrade that was taken back)",
      "DCM_ON_UPGRADE", "", dcm::cli::BadValue::refuse},
     {"run-as", "UID[:GID]",
      "who runs the server and owns what is new (default: as the volume says; on a new one the owner of its root "
      "directory, or user dcm where that is root)",
      "DCM_RUN_AS"},
     {"lock-timeout", "DURATION", "give up when somebody else uses the volume for longer (default: never)"},
     {"plan", "", "print what would be done, one line each, and change nothing"},
     {"verify", "", "print how code and configuration differ from the image that the volume follows"},
     {"rollback", "", "take the last upgrade back"},
     {"make-manifest", "DIR", "write manifest and identity of the pristine tree DIR into DIR/.dcm, and nothing else"},
     {"product", "NAME", "product name for --make-manifest", "", "dcm4chee"},
     {"image-version", "VERSION", "image version for --make-manifest", "", DCM_VERSION},
     {"image-time", "SECONDS", "of two images the newer one, in seconds since 1970 (default: now)"},
     {"original", "FILE", "for --make-manifest: a manifest of the original image's tree, to know it on a volume"},
     {"prepare-image", "", "mark --target as a copy that the container engine makes: the first start checks it"}},
    "dcm-seed-volume --template /opt/dcm4chee/server/default.dist --target /data -- ls /data"};

namespace {

std::optional<volume::OnUpgrade> parse_on_upgrade(const std::string& text)
{
    if (text == "merge") {
        return volume::OnUpgrade::merge;
    }
    return text == "keep" ? std::optional(volume::OnUpgrade::keep) : std::nullopt;
}

}  // namespace

volume::Marker image_identity(const dcm::cli::Invocation& invocation)
{
    constexpr std::uint64_t most = 1ULL << 33U;
    volume::Marker identity;
    identity.product = invocation.required("product");
    identity.version = invocation.required("image-version");
    const auto now = static_cast<std::uint64_t>(std::time(nullptr));
    identity.time = invocation.number("image-time", 1, most).value_or(now);
    return identity;
}

volume::SeedSettings seed_settings(const dcm::cli::Invocation& invocation)
{
    const std::string server = dcm::sys::env("DCM4CHEE_HOME").value_or("/opt/dcm4chee") + "/server/";
    volume::SeedSettings settings{invocation.value("template").value_or(server + "default.dist"),
                                  invocation.value("target").value_or(server + "default"),
                                  invocation.duration("lock-timeout")};
    settings.on_upgrade = invocation.setting("on-upgrade", parse_on_upgrade, "neither merge nor keep");
    settings.run_as = invocation.setting("run-as", dcm::volume::parse_user_of_server,
                                         "no UID or UID:GID in digits that a server may run as");
    settings.keeps_lock = !invocation.trailing().empty();
    if (isatty(STDERR_FILENO) == 1 && invocation.value("log-format") == "text") {
        settings.terminal = STDERR_FILENO;
    }
    return settings;
}
