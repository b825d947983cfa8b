// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

namespace dcm::sys {

Fd open_fd(const std::string& path, int flags, unsigned mode)
{
    int fd = -1;
    do {
        fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    return Fd(fd);
}

std::optional<std::string> read_file(const std::string& path, std::uint64_t max_bytes)
{
    const auto cannot_read = [&](int reason) {
        return system_error("cannot read " + quoted(path), reason, ExitCode::no_input);
    };
    // O_NONBLOCK: a FIFO of that name must not hold the caller up.
    const Fd fd = open_fd(path, O_RDONLY | O_NONBLOCK);
    if (!fd) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return std::nullopt;
        }
        throw cannot_read(errno);
    }
    struct stat status {};
    if (fstat(fd.get(), &status) != 0) {
        throw cannot_read(errno);
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error(ExitCode::no_input, "cannot read " + quoted(path) + ": not a regular file");
    }
    std::string content;
    content.resize(static_cast<std::size_t>(status.st_size < 0 ? 0 : status.st_size) + 1);
    for (std::size_t size = 0;;) {
        if (size > max_bytes) {
            throw Error(ExitCode::no_input, "cannot read " + quoted(path) + ": larger than " + human_size(max_bytes));
        }
        if (size == content.size()) {
            content.resize(2 * size);
        }
        const auto got = ::read(fd.get(), content.data() + size, content.size() - size);
        if (got < 0 && errno != EINTR) {
            throw cannot_read(errno);
        }
        if (got == 0) {
            content.resize(size);
            return content;
        }
        size += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
}

std::string read_kernel_file(const std::string& path)
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

bool sync_directory(const std::string& path)
{
    const Fd fd = open_fd(path, O_RDONLY | O_DIRECTORY);
    // Some network file systems refuse fsync on a directory: their names are durable without it.
    return fd && (fsync(fd.get()) == 0 || errno == EINVAL || errno == ENOTSUP);
}

std::string parent_directory(const std::string& path)
{
    const auto slash = path.find_last_of('/', path.find_last_not_of('/'));
    if (slash == std::string::npos) {
        return ".";
    }
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace dcm::sys
