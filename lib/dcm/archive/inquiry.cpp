// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/inquiry.hpp>
#include <dcm/core/error.hpp>
#include <dcm/sys/file.hpp>

#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

namespace dcm::archive {

namespace {

std::string read_all(int fd)
{
    std::string text;
    std::array<char, 4096> buffer{};
    for (;;) {
        const auto got = ::read(fd, buffer.data(), buffer.size());
        if (got <= 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace

bool Inquiry::begin(Clock::time_point now, std::optional<Clock::duration> limit,
                    const std::function<pid_t(int output)>& start)
{
    if (m_child != 0) {
        return false;
    }
    sys::Pipe pipe = sys::make_pipe(sys::Reading::never_waits);
    m_child = start(pipe.write_end.get());
    m_output = std::move(pipe.read_end);
    m_given_up = false;
    m_kill_at = limit ? Time(now + *limit) : std::nullopt;
    return true;
}

bool Inquiry::ask(sys::LongLived program, Clock::time_point now, std::optional<Clock::duration> limit)
{
    program.null_input = true;
    program.session = sys::Session::own;
    return begin(now, limit, [&program](int output) {
        program.descriptors = {{STDOUT_FILENO, output}, {STDERR_FILENO, output}};
        return sys::spawn(program);
    });
}

bool Inquiry::ask(const std::optional<sys::Credentials>& user, const std::function<std::string()>& action,
                  Clock::time_point now, std::optional<Clock::duration> limit)
{
    return begin(now, limit, [&](int output) {
        return sys::fork_as(user, [&] { return sys::write_all(output, action()) ? 0 : to_int(ExitCode::io_error); });
    });
}

void Inquiry::abandon()
{
    if (m_child != 0) {
        ::kill(m_child, SIGKILL);
    }
    *this = Inquiry{};
}

std::optional<Inquiry::Answer> Inquiry::on_reaped(pid_t pid, const sys::ExitStatus& status)
{
    if (m_child == 0 || pid != m_child) {
        return std::nullopt;
    }
    m_child = 0;
    m_kill_at.reset();
    const sys::Fd output = std::move(m_output);
    if (std::exchange(m_given_up, false)) {
        return std::nullopt;
    }
    return Answer{status, read_all(output.get()), false};
}

std::optional<Inquiry::Answer> Inquiry::on_time(Clock::time_point now)
{
    if (!take_due(m_kill_at, now)) {
        return std::nullopt;
    }
    ::kill(m_child, SIGKILL);
    m_given_up = true;
    const sys::Fd output = std::move(m_output);
    return Answer{sys::ExitStatus::killed(SIGKILL), read_all(output.get()), true};
}

}  // namespace dcm::archive
