// SPDX-License-Identifier: Apache-2.0
#include "seed_volume_options.hpp"

#include <dcm/sys/env.hpp>

#include <unistd.h>

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
     {"lock-timeout", "DURATION", "give up when another process works on the volume for longer (default: never)"},
     {"plan", "", "print what would be done, one line each, and change nothing"},
     {"verify", "", "print how code and configuration differ from the image that the volume follows"},
     {"rollback", "", "take the last upgrade back"},
     {"make-manifest", "DIR", "write manifest and identity of the pristine tree DIR into DIR/.dcm, and nothing else"},
     {"product", "NAME", "product name for --make-manifest", "", "dcm4chee"},
     {"image-version", "VERSION", "image version for --make-manifest", "", DCM_VERSION},
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

volume::SeedSettings seed_settings(const dcm::cli::Invocation& invocation)
{
    const std::string server = dcm::sys::env("DCM4CHEE_HOME").value_or("/opt/dcm4chee") + "/server/";
    volume::SeedSettings settings{invocation.value("template").value_or(server + "default.dist"),
                                  invocation.value("target").value_or(server + "default"),
                                  invocation.duration("lock-timeout")};
    settings.on_upgrade = invocation.setting("on-upgrade", parse_on_upgrade, "neither merge nor keep");
    if (isatty(STDERR_FILENO) == 1 && invocation.value("log-format") == "text") {
        settings.terminal = STDERR_FILENO;
    }
    return settings;
}
