// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/cron_program.hpp>
#include <dcm/archive/mounted_zone.hpp>
#include <dcm/archive/process_table.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/job_record.hpp>
#include <dcm/sys/time_zone.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr const char* k_reboot_mark = "/run/crond.reboot";

std::vector<std::string> environment_without_zone()
{
    auto environment = sys::environment();
    environment.erase(std::remove_if(environment.begin(), environment.end(),
                                     [](const std::string& entry) { return starts_with(entry, "TZ="); }),
                      environment.end());
    return environment;
}

std::chrono::milliseconds age_of_first_process()
{
    timespec uptime{};
    clock_gettime(CLOCK_BOOTTIME, &uptime);
    const auto ticks_per_second = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
    const auto started = std::chrono::milliseconds(start_ticks_of(1) * 1000 / ticks_per_second);
    return std::chrono::seconds(uptime.tv_sec) - started;
}

void forget_earlier_start()
{
    struct stat status {};
    if (stat(k_reboot_mark, &status) == 0 &&
        is_of_earlier_start(std::chrono::seconds(std::time(nullptr) - status.st_mtime), age_of_first_process())) {
        unlink(k_reboot_mark);
    }
}

}  // namespace

bool is_of_earlier_start(std::chrono::milliseconds mark_age, std::chrono::milliseconds first_process_age)
{
    constexpr auto clock_granularity = 1s;
    return mark_age > first_process_age + clock_granularity;
}

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
    forget_earlier_start();
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
