// SPDX-License-Identifier: Apache-2.0
// How long a signal takes through a process that forwards it. Without arguments: the receiver, which notes in the file
// BENCH_FILE when SIGUSR2 arrives, says "ready", and ends at SIGTERM. bench-signal PID ROUNDS: the sender; prints the
// median in microseconds from sending SIGUSR2 to PID to its arrival at the receiver.
#include <dcm/core/text.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

struct Shared {
    std::atomic<long> count;
    std::atomic<long> nanoseconds;
};

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

long now()
{
    return static_cast<long>(std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1));
}

int receive(Shared& shared)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    std::puts("ready");
    std::fflush(stdout);
    for (int signal = 0; sigwait(&set, &signal) == 0 && signal == SIGUSR2;) {
        shared.nanoseconds = now();
        ++shared.count;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv)
{
    Shared* const shared = map_shared();
    const auto pid = argc == 3 ? dcm::parse_unsigned(argv[1], 1, 1U << 30U) : std::nullopt;
    const auto rounds = argc == 3 ? dcm::parse_unsigned(argv[2], 1, 100'000) : std::nullopt;
    if (shared == nullptr || (argc != 1 && (!pid || !rounds))) {
        std::fputs("usage: BENCH_FILE=FILE bench-signal [PID ROUNDS]\n", stderr);
        return 64;
    }
    if (argc == 1) {
        return receive(*shared);
    }
    std::vector<long> times;
    for (std::uint64_t round = 0; round < *rounds; ++round) {
        const long before = shared->count;
        const long sent = now();
        kill(static_cast<pid_t>(*pid), SIGUSR2);
        while (shared->count == before) {
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
        times.push_back(shared->nanoseconds - sent);
    }
    std::sort(times.begin(), times.end());
    std::printf("%ld\n", times[times.size() / 2] / 1000);
    return 0;
}
