// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>

#include <dirent.h>
#include <fcntl.h>
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
    const Error too_large(ExitCode::no_input, "cannot read " + quoted(path) + ": larger than " + human_size(max_bytes));
    const auto expected = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
    if (expected > max_bytes) {
        throw too_large;
    }
    std::string content(expected + 1, '\0');
    for (std::size_t size = 0;;) {
        if (size > max_bytes) {
            throw too_large;
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

}  // namespace dcm::sys
