// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/db/status_file.hpp>
#include <dcm/sys/file.hpp>

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace dcm::db {

namespace {

// Renamed into place, not synced: 0 or the errno.
int replace(const std::string& path, const std::string& content)
{
    const std::string temporary = path + ".new";
    const sys::Fd fd = sys::open_fd(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);
    if (!fd || !sys::write_all(fd.get(), content) || std::rename(temporary.c_str(), path.c_str()) != 0) {
        return errno;
    }
    return 0;
}

}  // namespace

std::string format_status(const Status& status, const std::string& time)
{
    static constexpr std::array<std::string_view, 3> names{"waiting", "up", "failed"};
    nlohmann::ordered_json object;
    object["time"] = time;
    object["state"] = names.at(static_cast<std::size_t>(status.state));
    object["cause"] = status.cause;
    object["message"] = status.message;
    object["warnings"] = status.warnings;
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

StatusFile::StatusFile(std::string path, Notify notify) : m_path(std::move(path)), m_notify(std::move(notify)) {}

void StatusFile::write(const Status& status)
{
    if (m_path.empty()) {
        return;
    }
    const std::string line = format_status(status, log::utc_now());
    int error = replace(m_path, line);
    if (error == ENOENT && mkdir(sys::parent_directory(m_path).c_str(), 0755) == 0) {
        error = replace(m_path, line);
    }
    if (error != 0 && !std::exchange(m_failed, true)) {
        m_notify({Level::warning,
                  std::string(system_error("cannot write " + dcm::quoted(m_path), error).what()) +
                      ", ignoring; dcm-start --status cannot tell about the database",
                  {}});
    }
}

}  // namespace dcm::db
