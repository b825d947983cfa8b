// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/sys/answer.hpp>
#include <dcm/sys/file.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>

namespace dcm::sys {

namespace {

[[noreturn]] void answer(int fd, const std::function<std::string()>& action)
{
    std::string text = "it threw something unknown";
    int status = to_int(ExitCode::software);
    try {
        text = action();
        status = 0;
    } catch (const std::exception& failure) {
        text = failure.what();
    } catch (...) {  // nothing of it may reach the caller's stack, which is the parent's
    }
    _exit(write_all(fd, text) ? status : to_int(ExitCode::io_error));
}

}  // namespace

std::optional<std::string> answer_within(std::chrono::milliseconds limit, const std::function<std::string()>& action)
{
    Pipe pipe = make_pipe(Reading::waits);
    const Clock::time_point deadline = SystemClock().now() + limit;
    const pid_t child = fork();
    if (child < 0) {
        throw system_error("cannot start a child", errno, ExitCode::os_error);
    }
    if (child == 0) {
        answer(pipe.write_end.get(), action);
    }
    pipe.write_end.reset();
    std::string text;
    const bool whole = read_to_end(pipe.read_end.get(), text, deadline);
    if (!whole) {
        kill(child, SIGKILL);  // which reaches one that waits for a dead file system when that answers again
    }
    int status = 0;
    while (waitpid(child, &status, whole ? 0 : WNOHANG) < 0 && errno == EINTR) {
    }
    if (!whole) {
        return std::nullopt;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        throw Error(ExitCode::io_error, WIFEXITED(status) && !text.empty() ? text : "the child that asked has died");
    }
    return text;
}

}  // namespace dcm::sys
