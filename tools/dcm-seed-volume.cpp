// SPDX-License-Identifier: Apache-2.0
// dcm-seed-volume [OPTION...] [-- COMMAND [ARG...]]
// Makes the volume server/default complete from the image's pristine tree, then becomes COMMAND.
#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>
#include <dcm/sys/file.hpp>

#include <unistd.h>

#include <cerrno>

#include "seed_volume_options.hpp"

namespace {

using dcm::ExitCode;
namespace volume = dcm::volume;

// --rollback --plan would not tell what a rollback does.
void refuse_two_modes(const dcm::cli::Invocation& invocation)
{
    const char* first = nullptr;
    for (const auto* const mode : {"plan", "verify", "rollback", "make-manifest", "prepare-image"}) {
        if (!invocation.given(mode)) {
            continue;
        }
        if (first != nullptr) {
            throw dcm::Error(ExitCode::usage,
                             std::string("--") + first + " and --" + mode + " do not go together; give one of them");
        }
        first = mode;
    }
}

int print(const dcm::cli::Invocation& invocation, const volume::Report& report)
{
    const bool json = invocation.value("log-format") == "json";
    if (!dcm::sys::write_all(STDOUT_FILENO, volume::format_report(report, json ? volume::ReportFormat::json
                                                                               : volume::ReportFormat::text))) {
        throw dcm::system_error("cannot write the report", errno);
    }
    return invocation.flag("verify") && !report.empty() ? dcm::to_int(ExitCode::data_error) : 0;
}

int seed_volume(const dcm::cli::Invocation& invocation)
{
    refuse_two_modes(invocation);
    if (const auto root = invocation.value("make-manifest")) {
        volume::make_manifest(*root, image_identity(invocation), invocation.value("original"));
        return 0;
    }
    const auto settings = seed_settings(invocation);
    if (invocation.flag("plan") || invocation.flag("verify")) {
        return print(invocation, invocation.flag("plan") ? volume::plan(settings) : volume::verify(settings));
    }
    if (invocation.flag("prepare-image")) {
        volume::prepare_image(settings);
    } else if (invocation.flag("rollback")) {
        volume::rollback(settings, dcm::log::write);
    } else {
        volume::seed(settings, dcm::log::write);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_seed_volume_spec, seed_volume); }
