// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/server_log.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>

namespace dcm::archive {

namespace {

std::string timestamp(std::time_t when)
{
    std::tm local{};
    localtime_r(&when, &local);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y%m%d-%H%M%S", &local);
    return text.data();
}

// YYYYmmdd-HHMMSS: what a site named otherwise is not ours to remove.
bool is_timestamp(std::string_view text)
{
    return text.size() == 15 && text[8] == '-' && parse_unsigned(text.substr(0, 8), 0, 99999999) &&
           parse_unsigned(text.substr(9), 0, 999999);
}

// The kept logs beside `path`, newest first.
std::vector<std::string> kept_logs(const std::string& path)
{
    const std::string base = path.substr(path.find_last_of('/') + 1) + ".";
    const std::string parent = sys::parent_directory(path);
    std::vector<std::string> found;
    for (const auto& name : sys::read_directory(parent).value_or(std::vector<std::string>{})) {
        if (starts_with(name, base) && is_timestamp(std::string_view(name).substr(base.size()))) {
            found.push_back(parent + "/" + name);
        }
    }
    std::sort(found.rbegin(), found.rend());
    return found;
}

void prune(const std::string& path, const LogKeep& keep, const Notify& notify)
{
    const auto logs = kept_logs(path);
    for (std::size_t i = 0; i < logs.size(); ++i) {
        bool old = i >= keep.count;
        if (keep.age) {
            struct stat status {};
            const auto limit = std::time(nullptr) - std::chrono::duration_cast<std::chrono::seconds>(*keep.age).count();
            old = stat(logs[i].c_str(), &status) == 0 && status.st_mtime < limit;
        }
        if (old && unlink(logs[i].c_str()) != 0) {
            notify({Level::warning, "cannot remove old log " + quoted(logs[i]) + ": " + errno_text(errno), {}});
            return;
        }
    }
}

// Never onto another file. NFS, for one, knows no RENAME_NOREPLACE; nobody else makes files of these names.
bool rename_to_new(const std::string& from, const std::string& to)
{
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
        return true;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return false;
    }
    if (access(to.c_str(), F_OK) == 0) {
        errno = EEXIST;
        return false;
    }
    return std::rename(from.c_str(), to.c_str()) == 0;
}

// Where a chain of links ends; `path` itself when it leads nowhere.
std::string resolve(const std::string& path)
{
    const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
    return real ? std::string(real.get()) : path;
}

}  // namespace

std::optional<LogKeep> parse_log_keep(std::string_view text)
{
    if (const auto count = parse_unsigned(text, 0, 100000)) {
        return LogKeep{static_cast<std::size_t>(*count), std::nullopt};
    }
    if (const auto age = parse_duration(text)) {
        return LogKeep{0, age};
    }
    return std::nullopt;
}

std::optional<std::string> keep_server_log(const std::string& log, const LogKeep& keep, const Notify& notify)
{
    const std::string path = resolve(log);
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) {
        return std::nullopt;
    }
    std::string kept;
    for (std::time_t when = std::time(nullptr);; ++when) {  // two restarts in one second
        kept = path + "." + timestamp(when);
        if (rename_to_new(path, kept)) {
            break;
        }
        if (errno != EEXIST) {
            notify({Level::warning,
                    "cannot keep " + quoted(path) + " before the server truncates it: " + errno_text(errno),
                    {}});
            return std::nullopt;
        }
    }
    prune(path, keep, notify);
    return kept;
}

std::vector<std::string> last_lines(const std::string& path, std::size_t count, std::size_t max_bytes)
{
    const sys::Fd fd = sys::open_fd(path, O_RDONLY | O_NONBLOCK);
    const off_t end = fd ? lseek(fd.get(), 0, SEEK_END) : -1;
    if (end <= 0) {
        return {};
    }
    const off_t begin = std::max<off_t>(0, end - static_cast<off_t>(max_bytes));
    std::string text(static_cast<std::size_t>(end - begin), '\0');
    const auto got = pread(fd.get(), text.data(), text.size(), begin);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    const auto lines = split(trim(text), '\n');
    const auto first = lines.size() > count ? lines.size() - count : 0;
    return {lines.begin() + static_cast<std::ptrdiff_t>(first), lines.end()};
}

}  // namespace dcm::archive
