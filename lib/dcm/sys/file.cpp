// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>

namespace dcm::sys {

Fd open_fd(const std::string& path, int flags, unsigned mode)
{
    int fd = -1;
    do {
        fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    return Fd(fd);
}

namespace {

Error cannot_read(const std::string& path, const std::string& why)
{
    return Error(ExitCode::no_input, "cannot read " + quoted(path) + ": " + why);
}

Error too_large(const std::string& path, std::uint64_t max_bytes)
{
    return cannot_read(path, "larger than " + human_size(max_bytes));
}

}  // namespace

std::optional<std::string> read_file(const std::string& path, std::uint64_t max_bytes)
{
    // O_NONBLOCK: a FIFO of that name must not hold the caller up.
    const Fd fd = open_fd(path, O_RDONLY | O_NONBLOCK);
    struct stat status {};
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) {
        return std::nullopt;
    }
    if (!fd || fstat(fd.get(), &status) != 0) {
        throw system_error("cannot read " + quoted(path), errno, ExitCode::no_input);
    }
    if (!S_ISREG(status.st_mode)) {
        throw cannot_read(path, "not a regular file");
    }
    if (static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0)) > max_bytes) {
        throw too_large(path, max_bytes);
    }
    return read_all(fd.get(), path, max_bytes);
}

std::string read_all(int fd, const std::string& path, std::uint64_t max_bytes)
{
    std::string content;
    std::array<char, 16384> buffer{};
    for (;;) {
        const auto got = ::read(fd, buffer.data(), buffer.size());
        if (got == 0) {
            return content;
        }
        if (got < 0 && errno != EINTR) {
            throw system_error("cannot read " + quoted(path), errno, ExitCode::no_input);
        }
        content.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        if (content.size() > max_bytes) {
            throw too_large(path, max_bytes);
        }
    }
}

std::string read_or_empty(const std::string& path)
{
    const Fd fd = open_fd(path, O_RDONLY | O_NONBLOCK);
    std::string text;
    std::array<char, 4096> buffer{};
    while (fd && text.size() < (64U << 10U)) {
        const auto got = ::read(fd.get(), buffer.data(), buffer.size());
        if (got <= 0) {
            break;
        }
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
}

Pipe make_pipe(Reading reading)
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw system_error("cannot create a pipe", errno, ExitCode::os_error);
    }
    if (reading == Reading::never_waits) {
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }
    return {Fd(ends[0]), Fd(ends[1])};
}

bool read_to_end(int fd, std::string& text, const std::optional<Clock::time_point>& deadline)
{
    const SystemClock clock;
    std::array<char, 4096> buffer{};
    for (;;) {
        const auto left = deadline ? *deadline - clock.now() : Clock::duration(-1);
        pollfd poll_fd{fd, POLLIN, 0};
        const bool is_late = deadline && left.count() <= 0;
        const int ready = is_late ? 0 : poll(&poll_fd, 1, static_cast<int>(left.count()));
        const auto got = ready > 0 ? ::read(fd, buffer.data(), buffer.size()) : -1;
        if (got == 0) {
            return true;
        }
        if (ready == 0 || (got < 0 && errno != EINTR)) {
            return false;
        }
        text.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    }
}

bool write_all(int fd, std::string_view data)
{
    while (!data.empty()) {
        const auto written = ::write(fd, data.data(), data.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        data.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return true;
}

bool replace_file(const std::string& path, std::string_view content, unsigned mode)
{
    const std::string temporary = path + ".new";
    if (unlink(temporary.c_str()) != 0 && errno == ENOENT) {
        mkdir(parent_directory(path).c_str(), 0755);
    }
    const Fd fd = open_fd(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
    return fd && fchmod(fd.get(), mode) == 0 && write_all(fd.get(), content) &&
           std::rename(temporary.c_str(), path.c_str()) == 0;
}

std::optional<std::vector<std::string>> read_directory(const std::string& path)
{
    return read_directory(open_fd(path, O_RDONLY | O_DIRECTORY));
}

std::optional<std::vector<std::string>> read_directory(Fd directory)
{
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(directory ? fdopendir(directory.get()) : nullptr, closedir);
    if (!stream) {
        return std::nullopt;
    }
    static_cast<void>(directory.release());  // the stream closes it
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* const entry = readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") {
            names.emplace_back(name);
        }
    }
    return errno == 0 ? std::optional(std::move(names)) : std::nullopt;
}

std::string parent_directory(const std::string& path)
{
    const auto slash = path.find_last_of('/', path.find_last_not_of('/'));
    if (slash == std::string::npos) {
        return ".";
    }
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace dcm::sys
