// SPDX-License-Identifier: Apache-2.0
// What reads crontabs, and what jobs say about themselves: accepts or refuses, and what it accepts comes out again as
// it went in.
#include <dcm/core/error.hpp>
#include <dcm/core/secret.hpp>
#include <dcm/cron/environment.hpp>
#include <dcm/cron/job_name.hpp>
#include <dcm/cron/table.hpp>
#include <dcm/sys/job_record.hpp>

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

    try {
        const auto table = cron::normalise(text, "f").text;
        require(cron::normalise(table, "f").text == table);
        require(cron::is_rendered(cron::render(table, "/x")));
        require(cron::without_banner(table).size() <= table.size());
    } catch (const dcm::Error&) {  // no text
    }
    const auto name = cron::job_name(text);
    require(!name.empty() && name == cron::as_job_name(name));

    if (const auto record = dcm::sys::parse_job_record(text)) {
        const auto once = dcm::sys::format_job_record(*record);
        require(dcm::sys::format_job_record(*dcm::sys::parse_job_record(once)) == once);
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
    return 0;
}
