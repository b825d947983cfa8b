// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/sys/answer.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace dcm::sys {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void answer(int fd, const std::function<std::string()>& action)
{
    try {
        _exit(write_all(fd, action()) ? 0 : to_int(ExitCode::io_error));
    } catch (...) {  // nothing of it may reach the caller's stack, which is the parent's
        _exit(to_int(ExitCode::software));
    }
}

// False at the deadline.
bool read_to_end(int fd, steady_clock::time_point deadline, std::string& text)
{
    std::array<char, 4096> buffer{};
    for (;;) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
        pollfd poll_fd{fd, POLLIN, 0};
        const int ready = left.count() <= 0 ? 0 : poll(&poll_fd, 1, static_cast<int>(left.count()));
        if (ready == 0) {
            return false;
        }
        const auto got = ready < 0 ? ready : ::read(fd, buffer.data(), buffer.size());
        if (got == 0) {
            return true;
        }
        if (got > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(got));
        } else if (errno != EINTR) {
            return false;
        }
    }
}

}  // namespace

std::optional<std::string> answer_within(milliseconds limit, const std::function<std::string()>& action)
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw system_error("cannot make a pipe", errno, ExitCode::os_error);
    }
    const Fd input(ends[0]);
    Fd output(ends[1]);
    const auto deadline = steady_clock::now() + limit;
    const pid_t child = fork();
    if (child < 0) {
        throw system_error("cannot start a child", errno, ExitCode::os_error);
    }
    if (child == 0) {
        answer(output.get(), action);
    }
    output = Fd();
    std::string text;
    const bool whole = read_to_end(input.get(), deadline, text);
    if (!whole) {
        kill(child, SIGKILL);  // which reaches one that waits for a dead file system when that answers again
    }
    int status = 0;
    while (waitpid(child, &status, whole ? 0 : WNOHANG) < 0 && errno == EINTR) {
    }
    return whole && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace dcm::sys
