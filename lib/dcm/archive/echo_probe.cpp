// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/echo_probe.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_limit = 10s;
const char* const k_network_limit = "5";  // seconds; below k_limit, so that echoscu itself can say what failed

// The first line of echoscu's errors without its "F: ", and of a rejection its reason.
std::string explain(std::string_view output)
{
    std::string first;
    for (const auto line : split(output, '\n')) {
        auto text = trim(line);
        if (text.size() > 3 && text[1] == ':') {
            text.remove_prefix(3);
        }
        if (starts_with(text, "Reason: ")) {
            return std::string(text.substr(8));
        }
        if (first.empty()) {
            first = text;
        }
    }
    return first.empty() ? "no reason given" : first;
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
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        return EchoResult{EchoResult::Answer::untested, "no pipe"};
    }
    m_output.reset(ends[0]);
    const sys::Fd write_end(ends[1]);
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
    echo.null_input = true;
    echo.session = sys::Session::own;
    echo.descriptors = {{STDOUT_FILENO, write_end.get()}, {STDERR_FILENO, write_end.get()}};
    try {
        m_pid = sys::spawn(echo);
    } catch (const Error& failure) {
        return EchoResult{EchoResult::Answer::untested, failure.what()};
    }
    m_late = false;
    m_kill_at = now + k_limit;
    return std::nullopt;
}

void EchoProbe::abandon()
{
    if (running()) {
        ::kill(m_pid, SIGKILL);
    }
    *this = EchoProbe{};
}

std::optional<EchoResult> EchoProbe::on_reaped(pid_t pid, const sys::ExitStatus& status)
{
    if (m_pid == 0 || pid != m_pid) {
        return std::nullopt;
    }
    m_pid = 0;
    m_kill_at.reset();
    std::array<char, 2048> output{};
    const auto got = ::read(m_output.get(), output.data(), output.size());
    m_output.reset();
    if (m_late) {
        return EchoResult{EchoResult::Answer::none, "no answer within " + human_duration(k_limit)};
    }
    return judge_echo(status, {output.data(), got > 0 ? static_cast<std::size_t>(got) : 0});
}

void EchoProbe::on_time(Clock::time_point now)
{
    if (take_due(m_kill_at, now)) {
        m_late = true;
        ::kill(m_pid, SIGKILL);
    }
}

}  // namespace dcm::archive
