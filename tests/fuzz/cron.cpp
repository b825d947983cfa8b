// SPDX-License-Identifier: Apache-2.0
// What reads crontabs, what jobs say about themselves, and time zones: accepts or refuses, and what it accepts comes
// out again as it went in.
#include <dcm/core/secret.hpp>
#include <dcm/cron/environment.hpp>
#include <dcm/cron/job_name.hpp>
#include <dcm/cron/job_output.hpp>
#include <dcm/cron/line.hpp>
#include <dcm/cron/next.hpp>
#include <dcm/sys/job_record.hpp>
#include <dcm/sys/time_zone.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

void require(bool condition)
{
    if (!condition) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace cron = dcm::cron;
    const std::string text(reinterpret_cast<const char*>(data), size);

    const auto line = cron::parse_line(text.substr(0, text.find('\n')));
    if (line.kind == cron::Line::Kind::job) {
        for (const auto run : cron::next_runs(line.schedule, 1774742400, 2)) {
            require(run > 1774742400 && run % 60 == 0);
        }
    }
    require(cron::shell_command(text).size() <= text.size());
    const auto name = cron::job_name(text);
    require(!name.empty() && name == cron::as_job_name(name));

    if (const auto record = dcm::sys::parse_job_record(text)) {
        const auto once = dcm::sys::format_job_record(*record);
        require(dcm::sys::format_job_record(*dcm::sys::parse_job_record(once.substr(0, once.size() - 1))) == once);
    }
    if (const auto results = dcm::sys::parse_job_results(text)) {
        const auto once = dcm::sys::format_job_results(*results);
        require(dcm::sys::format_job_results(*dcm::sys::parse_job_results(once)) == once);
    }
    const auto environment = cron::parse_environment(text);
    require(cron::parse_environment(cron::format_environment(environment)) == environment);
    for (const auto& entry : environment) {
        static_cast<void>(dcm::is_secret(entry));
    }
    static_cast<void>(dcm::sys::is_posix_zone(text));
    return 0;
}
