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
#include <cerrno>
#include <cstdio>
#include <ctime>

namespace dcm::archive {

namespace {

// YYYYmmdd-HHMMSS: what a site named otherwise is not ours to remove.
bool is_timestamp(std::string_view text)
{
    return text.size() == 15 && text[8] == '-' && parse_unsigned(text.substr(0, 8), 0, 99999999) &&
           parse_unsigned(text.substr(9), 0, 999999);
}

// The kept logs beside `name`, newest first.
std::vector<std::string> kept_logs(const sys::Beneath& directory, const std::string& name)
{
    const std::string base = name + ".";
    std::vector<std::string> found;
    for (const auto& other : directory.names(".").value_or(std::vector<std::string>{})) {
        if (starts_with(other, base) && is_timestamp(std::string_view(other).substr(base.size()))) {
            found.push_back(other);
        }
    }
    std::sort(found.rbegin(), found.rend());
    return found;
}

void prune(const sys::Beneath& directory, const std::string& name, const LogKeep& keep, const Notify& notify)
{
    const auto logs = kept_logs(directory, name);
    for (std::size_t i = 0; i < logs.size(); ++i) {
        bool old = i >= keep.count;
        if (keep.age) {
            const auto status = directory.look(logs[i]);
            const auto limit = std::time(nullptr) - std::chrono::duration_cast<std::chrono::seconds>(*keep.age).count();
            old = status && status->st_mtime < limit;
        }
        if (old && !directory.remove(logs[i])) {
            notify({Level::warning,
                    "cannot remove old log " + quoted(directory.full(logs[i])) + ": " + errno_text(errno),
                    {}});
            return;
        }
    }
}

// Never onto another file. NFS, for one, knows no RENAME_NOREPLACE; nobody else makes files of these names.
bool rename_to_new(const sys::Beneath& directory, const std::string& from, const std::string& to)
{
    if (directory.rename(from, to, RENAME_NOREPLACE)) {
        return true;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return false;
    }
    if (directory.look(to)) {
        errno = EEXIST;
        return false;
    }
    return directory.rename(from, to);
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

std::optional<sys::Beneath> log_directory(const std::string& server)
{
    const auto links = geteuid() == 0 ? sys::Beneath::Links::none : sys::Beneath::Links::of_root;
    sys::Fd root = sys::open_fd(server, O_RDONLY | O_DIRECTORY);
    return root ? sys::Beneath(std::move(root), server).enter("log", links) : std::nullopt;
}

std::optional<std::string> keep_server_log(const sys::Beneath& directory, const std::string& name, const LogKeep& keep,
                                           const Notify& notify)
{
    const auto status = directory.look(name);
    if (!status || !S_ISREG(status->st_mode) || status->st_size == 0) {
        return std::nullopt;
    }
    std::string kept;
    for (std::time_t when = std::time(nullptr);; ++when) {  // two restarts in one second
        kept = name + "." + format_time(when, "%Y%m%d-%H%M%S", ClockOf::here);
        if (rename_to_new(directory, name, kept)) {
            break;
        }
        if (errno != EEXIST) {
            notify({Level::warning,
                    "cannot keep " + quoted(directory.full(name)) +
                        " before the server truncates it: " + errno_text(errno),
                    {}});
            return std::nullopt;
        }
    }
    prune(directory, name, keep, notify);
    return directory.full(kept);
}

std::vector<std::string> last_lines(const sys::Beneath& directory, const std::string& name, std::size_t count,
                                    std::size_t max_bytes)
{
    const sys::Fd fd = directory.open(name, O_RDONLY | O_NONBLOCK);
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
