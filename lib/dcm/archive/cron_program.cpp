// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/cron_program.hpp>
#include <dcm/archive/mounted_zone.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/job_record.hpp>
#include <dcm/sys/time_zone.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace dcm::archive {

namespace {

// Cron runs @reboot jobs where this is not there, and makes it: a container that is started again has the old one.
constexpr const char* k_reboot_mark = "/run/crond.reboot";

std::vector<std::string> environment_without_zone()
{
    auto environment = sys::environment();
    environment.erase(std::remove_if(environment.begin(), environment.end(),
                                     [](const std::string& entry) { return starts_with(entry, "TZ="); }),
                      environment.end());
    return environment;
}

}  // namespace

std::optional<sys::LongLived> cron_program(int job_log, const Notify& notify)
{
    if (geteuid() != 0) {
        notify({Level::warning, "not running as root, so cron cannot work; going on without scheduled jobs", {}});
        return std::nullopt;
    }
    if (!sys::find_in_path("cron")) {
        notify({Level::warning, "cron is not installed; going on without scheduled jobs", {}});
        return std::nullopt;
    }
    unlink(k_reboot_mark);
    sys::LongLived program;
    program.argv = {"cron", "-f"};
    program.null_input = true;
    program.session = sys::Session::own;
    program.descriptors.emplace_back(sys::k_job_log_fd, job_log);
    const char* const zone = std::getenv("TZ");
    const std::string name = zone == nullptr ? "" : zone;
    if (const auto fault = sys::zone_fault(name)) {
        notify({Level::error, "jobs run by the time of /etc/localtime: " + *fault, {}});
        program.environment = environment_without_zone();
    } else if (name.empty() && zone != nullptr) {
        program.environment = environment_without_zone();  // an empty TZ means UTC to the C library
    } else if (const auto conflict = localtime_is_mounted() ? sys::zone_conflict(name) : std::nullopt) {
        notify({Level::warning, *conflict, {}});
    }
    return program;
}

}  // namespace dcm::archive
