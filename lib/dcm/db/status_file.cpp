// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/db/status_file.hpp>
#include <dcm/sys/file.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <utility>

namespace dcm::db {

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
    if (!sys::replace_file(m_path, line) && !std::exchange(m_failed, true)) {
        m_notify({Level::warning,
                  "cannot write " + dcm::quoted(m_path) + ": " + errno_text(errno) +
                      ", ignoring; dcm-start --status cannot tell about the database",
                  {}});
    }
}

}  // namespace dcm::db
