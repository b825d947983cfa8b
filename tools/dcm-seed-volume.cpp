// SPDX-License-Identifier: Apache-2.0
// dcm-seed-volume [OPTION...] [-- COMMAND [ARG...]]
// Makes the volume server/default complete from the image's pristine tree, then becomes COMMAND.
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/volume/seed.hpp>

namespace {

using dcm::ExitCode;

const dcm::cli::Spec k_spec{
    "dcm-seed-volume",
    "Make the volume server/default complete: fill it when it is empty, leave it alone when it is not.",
    {{"template", "DIR", "pristine tree with its manifest (default: $DCM4CHEE_HOME/server/default.dist)",
      "DCM_TEMPLATE"},
     {"target", "DIR", "the volume (default: $DCM4CHEE_HOME/server/default)"},
     {"lock-timeout", "DURATION", "give up when another process works on the volume for longer (default: never)"},
     {"make-manifest", "DIR", "write manifest and identity of the pristine tree DIR into DIR/.dcm, and nothing else"},
     {"product", "NAME", "product name for --make-manifest", "", "dcm4chee"},
     {"image-version", "VERSION", "image version for --make-manifest", "", DCM_VERSION}},
    {{ExitCode::data_error, "the template does not fit its manifest"},
     {ExitCode::no_input, "no template, or it cannot be read"},
     {ExitCode::unavailable, "no room on the volume"},
     {ExitCode::cant_create, "a file cannot be created"},
     {ExitCode::io_error, "reading or writing failed"},
     {ExitCode::temp_fail, "another process held the volume for longer than --lock-timeout"},
     {ExitCode::no_permission, "the volume cannot be written to"},
     {ExitCode::config, "the volume holds something else, or belongs to another product"}},
    "dcm-seed-volume --template /opt/dcm4chee/server/default.dist --target /data -- ls /data"};

int seed_volume(const dcm::cli::Invocation& invocation)
{
    if (const auto root = invocation.value("make-manifest")) {
        dcm::volume::make_manifest(*root, invocation.required("product"), invocation.required("image-version"));
        return 0;
    }
    const std::string server = dcm::sys::env("DCM4CHEE_HOME").value_or("/opt/dcm4chee") + "/server/";
    dcm::volume::seed({invocation.value("template").value_or(server + "default.dist"),
                       invocation.value("target").value_or(server + "default"), invocation.duration("lock-timeout")},
                      dcm::log::write);
    return 0;
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_spec, seed_volume); }
