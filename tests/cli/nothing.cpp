// SPDX-License-Identifier: Apache-2.0
// A command that does nothing: what cli::run gives to every tool is tested with it.
#include <dcm/cli/run.hpp>
#include <dcm/core/log.hpp>

#include <stdexcept>

namespace {

const dcm::cli::Spec k_spec{
    "dcm-nothing",
    "Do nothing, well.",
    {{"wait", "DURATION", "a duration", "DCM_NOTHING_WAIT", "2m"},
     {"mode", "SIZE", "a size that matters", "DCM_NOTHING_MODE", "", dcm::cli::BadValue::refuse},
     {"count", "N", "a number from 1 to 9"},
     {"say", "TEXT", "log TEXT as a warning"},
     {"fail", "N", "fail with exit status N"},
     {"bug", "", "throw what is no Error"}},
    "dcm-nothing -- echo done"};

int nothing(const dcm::cli::Invocation& invocation)
{
    static_cast<void>(invocation.duration("wait"));
    static_cast<void>(invocation.size("mode"));
    static_cast<void>(invocation.number("count", 1, 9));
    if (const auto text = invocation.value("say")) {
        dcm::log::warning(*text);
    }
    if (invocation.flag("bug")) {
        throw std::logic_error("a bug");
    }
    if (const auto code = invocation.number("fail", 1, 255)) {
        throw dcm::Error(static_cast<dcm::ExitCode>(*code), "failed as asked");
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) { return dcm::cli::run(argc, argv, k_spec, nothing); }
