// SPDX-License-Identifier: Apache-2.0
// Time whole commands in turn: bench-timer ROUNDS COMMAND..., each COMMAND one string for sh -c
// (begin it with exec to leave no shell behind). One warm-up round is not counted. Prints "median min max" in
// microseconds, one line per COMMAND, in their order. The commands alternate, so that a drift of the machine meets all
// of them.
#include <dcm/core/text.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace {

double run_once(const char* line)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    std::string shell = "sh";
    std::string option = "-c";
    std::string command = line;
    std::vector<char*> argv{shell.data(), option.data(), command.data(), nullptr};
    const auto begin = std::chrono::steady_clock::now();
    pid_t pid = 0;
    int status = -1;
    if (posix_spawnp(&pid, "sh", &actions, nullptr, argv.data(), environ) == 0) {
        waitpid(pid, &status, 0);
    }
    const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - begin;
    posix_spawn_file_actions_destroy(&actions);
    if (status != 0) {
        std::fprintf(stderr, "bench-timer: '%s' ended with wait status %d\n", line, status);
    }
    return taken.count();
}

}  // namespace

int main(int argc, char** argv)
{
    const auto rounds = argc > 2 ? dcm::parse_unsigned(argv[1], 1, 100'000) : std::nullopt;
    if (!rounds) {
        std::fputs("usage: bench-timer ROUNDS COMMAND...\n", stderr);
        return 64;
    }
    std::vector<std::vector<double>> times(static_cast<std::size_t>(argc - 2));
    for (std::uint64_t round = 0; round <= *rounds; ++round) {
        for (std::size_t i = 0; i < times.size(); ++i) {
            const double taken = run_once(argv[i + 2]);
            if (round > 0) {
                times[i].push_back(taken);
            }
        }
    }
    for (auto& series : times) {
        std::sort(series.begin(), series.end());
        std::printf("%.0f %.0f %.0f\n", series[series.size() / 2], series.front(), series.back());
    }
}
