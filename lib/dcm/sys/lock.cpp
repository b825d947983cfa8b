// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/clock.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/lock.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

namespace dcm::sys {

namespace {

std::string holder_of(int fd)
{
    std::array<char, 256> text{};
    const auto got = pread(fd, text.data(), text.size() - 1, 0);
    struct stat status {};
    if (got <= 0 || fstat(fd, &status) != 0) {
        return "another process";
    }
    const std::chrono::seconds held(std::max<std::time_t>(std::time(nullptr) - status.st_mtime, 0));
    return std::string(trim({text.data(), static_cast<std::size_t>(got)})) + ", for " + human_duration(held) + " now";
}

void say_who_holds(int fd)
{
    std::array<char, 128> host{};
    gethostname(host.data(), host.size() - 1);
    const std::string text = "PID " + std::to_string(getpid()) + " on host " + host.data() + "\n";
    // Who holds it is a courtesy to those who wait: a full disk must not cost the lock.
    if (ftruncate(fd, 0) == 0) {
        [[maybe_unused]] const auto written = pwrite(fd, text.data(), text.size(), 0);
    }
}

}  // namespace

LockFile::LockFile(const std::string& path, std::optional<std::chrono::milliseconds> timeout,
                   const std::function<void(const std::string& holder)>& on_wait)
    : m_fd(open_fd(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0644))
{
    if (!m_fd) {
        throw system_error("cannot create the lock " + quoted(path), errno, ExitCode::cant_create);
    }
    SystemClock clock;
    const auto begin = clock.now();
    bool told = false;
    while (flock(m_fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            m_effective = false;
            return;
        }
        if (!told) {
            on_wait(holder_of(m_fd.get()));
            told = true;
        }
        if (timeout && clock.now() - begin >= *timeout) {
            throw Error(ExitCode::temp_fail, "gave up after " + human_duration(*timeout) + ": " + quoted(path) +
                                                 " is held by " + holder_of(m_fd.get()));
        }
        clock.sleep(std::chrono::milliseconds(50));
    }
    say_who_holds(m_fd.get());
}

}  // namespace dcm::sys
