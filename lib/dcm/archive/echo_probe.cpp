// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/echo_probe.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_limit = 10s;
constexpr const char* k_network_limit = "8";  // seconds, below that limit, so that echoscu itself can say what failed

// echoscu's first fatal line, then its first error, without "F: "; of a rejection its reason. What it merely warns of,
// a dictionary that is not there, is no reason.
std::string explain(std::string_view output)
{
    std::string first;
    std::string error;
    for (const auto line : split(output, '\n')) {
        auto text = trim(line);
        const char kind = text.size() > 3 && text[1] == ':' ? text[0] : ' ';
        text.remove_prefix(kind == ' ' ? 0 : 3);
        if (starts_with(text, "Reason: ")) {
            return std::string(text.substr(8));
        }
        std::string& kept = kind == 'F' ? first : error;
        if (kept.empty() && kind != 'W' && kind != 'I' && kind != 'D') {
            kept = text;
        }
    }
    return !first.empty() ? first : !error.empty() ? error : "no reason given";
}

}  // namespace

EchoResult judge_echo(const sys::ExitStatus& status, std::string_view output)
{
    if (status.success()) {
        return {EchoResult::Answer::accepted, {}};
    }
    const bool rejected = output.find("Association Rejected") != std::string_view::npos;
    return {rejected ? EchoResult::Answer::rejected : EchoResult::Answer::none, explain(output)};
}

std::optional<EchoResult> EchoProbe::start(const std::string& address, std::uint16_t port, const std::string& aet,
                                           Clock::time_point now)
{
    sys::LongLived echo;
    echo.argv = {"echoscu",
                 "-to",
                 k_network_limit,
                 "-ta",
                 k_network_limit,
                 "-td",
                 k_network_limit,
                 "-aet",
                 "DCMHEALTH",
                 "-aec",
                 aet,
                 address,
                 std::to_string(port)};
    try {
        m_echo.ask(echo, now, k_limit);
    } catch (const Error& failure) {
        return EchoResult{EchoResult::Answer::untested, failure.what()};
    }
    return std::nullopt;
}

std::optional<EchoResult> EchoProbe::on_reaped(pid_t pid, const sys::ExitStatus& status)
{
    const auto answer = m_echo.on_reaped(pid, status);
    return answer ? std::optional(judge_echo(answer->status, answer->text)) : std::nullopt;
}

std::optional<EchoResult> EchoProbe::on_time(Clock::time_point now)
{
    if (!m_echo.on_time(now)) {
        return std::nullopt;
    }
    return EchoResult{EchoResult::Answer::none, "no answer within " + human_duration(k_limit)};
}

}  // namespace dcm::archive
