// SPDX-License-Identifier: Apache-2.0
// What dcm-start reads from others: nothing may bring it down, and what is accepted must come out again as it went in.
#include <dcm/archive/control.hpp>
#include <dcm/archive/health.hpp>
#include <dcm/archive/java_check.hpp>
#include <dcm/archive/memory.hpp>
#include <dcm/archive/process_table.hpp>
#include <dcm/archive/started_line.hpp>
#include <dcm/archive/storage.hpp>
#include <dcm/archive/tcp_table.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

void require(bool truth)
{
    if (!truth) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace archive = dcm::archive;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto status = archive::Json::parse(text, nullptr, false);
    if (!status.is_discarded()) {
        archive::describe_status(status, 0);
        archive::format_metrics(status);
        archive::judge_health(status, 0);
    }
    archive::StartedLine whole;
    archive::StartedLine halves;
    whole.feed(text);
    halves.feed(text.substr(0, size / 2));
    require(whole.feed("\n") == (halves.feed(text.substr(size / 2)) || halves.feed("\n")));
    archive::parse_tcp_line(text);
    archive::parse_group_path(text);
    archive::find_number(text, "oom_kill");
    archive::parse_stat(text);
    archive::judge_java({dcm::sys::ExitStatus::exited(1), text, false}, 1, true);
    if (const auto condition = archive::parse_condition(text)) {
        require(archive::parse_condition(archive::format_condition(condition))->text == condition->text);
    }
    archive::parse_free_space(text);
    archive::parse_answer(text);
    if (const auto request = archive::parse_request(text)) {
        require(archive::parse_request("restart " + *request) == request);
    }
    return 0;
}
