// SPDX-License-Identifier: Apache-2.0
// How long it takes through a process that starts another and passes signals on to it. Without arguments: that other;
// it notes in the file BENCH_FILE when it begins and when SIGUSR2 arrives, and ends at SIGTERM. bench-signal ROUNDS
// COMMAND..., each COMMAND one string of words that ends up running the former: prints for each the medians, in
// microseconds, from its exec to that beginning and from sending SIGUSR2 to its arrival, the commands in turn.
#include <dcm/core/text.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Shared {
    std::atomic<long> count;
    std::atomic<long> nanoseconds;
};

long now()
{
    return static_cast<long>(std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1));
}

Shared* map_shared()
{
    const char* const path = std::getenv("BENCH_FILE");
    const int fd = path == nullptr ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(Shared)) != 0) {
        return nullptr;
    }
    void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<Shared*>(memory);
}

void note(Shared& shared)
{
    shared.nanoseconds = now();
    ++shared.count;
}

int receive(Shared& shared)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    note(shared);
    for (int signal = 0; sigwait(&set, &signal) == 0 && signal == SIGUSR2;) {
        note(shared);
    }
    return 0;
}

// From `sent` until the other notes something again.
long wait_for_note(const Shared& shared, long before, long sent)
{
    while (shared.count == before) {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    return shared.nanoseconds - sent;
}

struct Times {
    std::vector<long> start;
    std::vector<long> signal;
};

void measure(const std::string& command, Shared& shared, Times& times)
{
    std::vector<std::string> words;
    for (const auto word : dcm::split(command, ' ')) {
        words.emplace_back(word);
    }
    std::vector<char*> argv;
    for (auto& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    long before = shared.count;
    pid_t pid = 0;
    const long started = now();
    if (posix_spawnp(&pid, argv[0], nullptr, nullptr, argv.data(), environ) != 0) {
        return;
    }
    times.start.push_back(wait_for_note(shared, before, started));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // until it has settled
    before = shared.count;
    const long sent = now();
    kill(pid, SIGUSR2);
    times.signal.push_back(wait_for_note(shared, before, sent));
    kill(pid, SIGTERM);
    waitpid(pid, nullptr, 0);
}

long median(std::vector<long>& values)
{
    std::sort(values.begin(), values.end());
    return values.empty() ? -1 : values[values.size() / 2] / 1000;
}

}  // namespace

int main(int argc, char** argv)
{
    Shared* const shared = map_shared();
    const auto rounds = argc > 2 ? dcm::parse_unsigned(argv[1], 1, 100'000) : std::nullopt;
    if (shared == nullptr || (argc != 1 && !rounds)) {
        std::fputs("usage: BENCH_FILE=FILE bench-signal [ROUNDS COMMAND...]\n", stderr);
        return 64;
    }
    if (argc == 1) {
        return receive(*shared);
    }
    std::vector<Times> times(static_cast<std::size_t>(argc - 2));
    for (std::uint64_t round = 0; round < *rounds; ++round) {
        for (std::size_t i = 0; i < times.size(); ++i) {
            measure(argv[i + 2], *shared, times[i]);
        }
    }
    for (auto& one : times) {
        std::printf("%ld %ld\n", median(one.start), median(one.signal));
    }
    return 0;
}
