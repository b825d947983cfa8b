// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/clock.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/lock.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <ctime>

namespace dcm::sys {

namespace {

constexpr const char* k_variable = "_DCM_LOCK_FD";

std::string holder_of(int fd)
{
    std::array<char, 256> text{};
    const auto got = pread(fd, text.data(), text.size() - 1, 0);
    struct stat status {};
    if (got <= 0 || fstat(fd, &status) != 0) {
        return "another process";
    }
    const std::chrono::seconds held(std::max<std::time_t>(std::time(nullptr) - status.st_mtime, 0));
    return printable(trim({text.data(), static_cast<std::size_t>(got)})) + ", for " + human_duration(held) + " now";
}

// The engine mounts files that it keeps under the container's number.
std::string container_number()
{
    constexpr std::string_view mark = "/containers/";
    constexpr std::size_t shown = 12;
    const std::string mounts = read_or_empty("/proc/self/mountinfo");
    const auto at = mounts.find(mark);
    const std::string number = at == std::string::npos ? "" : mounts.substr(at + mark.size(), shown);
    const bool is_number = number.size() == shown && number.find_first_not_of("0123456789abcdef") == std::string::npos;
    return is_number ? number : "";
}

void say_who_holds(int fd)
{
    std::array<char, HOST_NAME_MAX + 1> host{};
    gethostname(host.data(), host.size() - 1);
    const std::string container = container_number();
    const std::string text = "PID " + std::to_string(getpid()) + " on host " + host.data() +
                             (container.empty() ? "" : ", container " + container) + "\n";
    // Who holds it is a courtesy to those who wait: a full disk must not cost the lock.
    if (ftruncate(fd, 0) == 0) {
        [[maybe_unused]] const auto written = pwrite(fd, text.data(), text.size(), 0);
    }
}

int inherited()
{
    const auto text = env(k_variable);
    const auto number = text ? parse_unsigned(*text, 3, INT_MAX) : std::nullopt;
    const int fd = number ? static_cast<int>(*number) : -1;
    return fd >= 0 && fcntl(fd, F_GETFD) >= 0 ? fd : -1;
}

bool is_same_file(int a, int b)
{
    struct stat one {};
    struct stat other {};
    return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

Fd open_lock(const Beneath& tree, const std::string& path)
{
    Fd fd = tree.open(path, O_RDWR | O_CREAT, 0600);
    // Read-only or full: what is there can be locked all the same.
    return fd ? std::move(fd) : tree.open(path, O_RDONLY | O_NONBLOCK);
}

}  // namespace

LockFile::LockFile(const Beneath& tree, const std::string& path, std::optional<std::chrono::milliseconds> timeout,
                   const std::function<void(const std::string& holder)>& on_wait)
    : m_fd(open_lock(tree, path))
{
    constexpr std::chrono::milliseconds longest{500};
    if (!m_fd) {
        m_effective = false;
        return;
    }
    if (const int ours = inherited(); ours >= 0 && is_same_file(ours, m_fd.get())) {
        m_fd.reset(ours);
        return;
    }
    SystemClock clock;
    const auto begin = clock.now();
    std::chrono::milliseconds pause{20};
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
            throw Error(ExitCode::temp_fail, "gave up after " + human_duration(*timeout) + ": " +
                                                 quoted(tree.full(path)) + " is held by " + holder_of(m_fd.get()));
        }
        clock.sleep(pause);
        pause = std::min(2 * pause, longest);
    }
    say_who_holds(m_fd.get());
}

void LockFile::keep()
{
    if (m_effective && fcntl(m_fd.get(), F_SETFD, 0) == 0) {
        setenv(k_variable, std::to_string(m_fd.release()).c_str(), 1);
    }
}

std::optional<std::string> lock_holder(const Beneath& tree, const std::string& path)
{
    const Fd fd = tree.open(path, O_RDWR | O_NONBLOCK);
    const bool is_held = fd && flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    return is_held ? std::optional(holder_of(fd.get())) : std::nullopt;
}

Fd take_over_lock()
{
    Fd fd(inherited());
    unsetenv(k_variable);
    if (fd) {
        static_cast<void>(fcntl(fd.get(), F_SETFD, FD_CLOEXEC));
    }
    return fd;
}

}  // namespace dcm::sys
