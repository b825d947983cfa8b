// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/server_log.hpp>
#include <dcm/archive/started_line.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace dcm::archive {

namespace {

constexpr std::size_t k_line = 1024;
constexpr off_t k_at_once = 8 << 20;

}  // namespace

bool says_started(std::string_view line)
{
    constexpr std::string_view words = "Started in ";
    const auto at = line.find(words);
    if (at == std::string_view::npos || line.substr(0, at).find("JBoss") == std::string_view::npos) {
        return false;
    }
    const auto time = line.substr(at + words.size());
    return !time.empty() && time[0] >= '0' && time[0] <= '9';
}

LogEnd end_of_log(const std::string& server)
{
    const auto directory = log_directory(server);
    const auto status = directory ? directory->look(k_server_log) : std::nullopt;
    return status && S_ISREG(status->st_mode) ? LogEnd{status->st_ino, status->st_size} : LogEnd{};
}

void StartedLine::watch(const std::string& server, const LogEnd& end)
{
    *this = StartedLine{};
    m_server = server;
    m_end = end;
}

bool StartedLine::look()
{
    if (m_seen) {
        return true;
    }
    const auto directory = log_directory(m_server);
    const sys::Fd fd = directory ? directory->open(k_server_log, O_RDONLY | O_NONBLOCK | O_NOCTTY) : sys::Fd();
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return false;
    }
    if (status.st_ino != m_end.inode || status.st_size < m_end.offset) {
        m_end.inode = status.st_ino;
        m_end.offset = 0;
        m_line.clear();
    }
    std::array<char, 16384> buffer{};
    const off_t limit = m_end.offset + k_at_once;
    while (!m_seen && m_end.offset < limit) {
        const auto got = pread(fd.get(), buffer.data(), buffer.size(), m_end.offset);
        if (got <= 0) {
            break;
        }
        m_end.offset += got;
        feed({buffer.data(), static_cast<std::size_t>(got)});
    }
    return m_seen;
}

bool StartedLine::feed(std::string_view text)
{
    while (!text.empty() && !m_seen) {
        const auto end = text.find('\n');
        const auto piece = text.substr(0, end);
        m_line.append(piece.substr(0, k_line - std::min(k_line, m_line.size())));
        if (end == std::string_view::npos) {
            break;
        }
        m_seen = says_started(m_line);
        m_line.clear();
        text.remove_prefix(end + 1);
    }
    return m_seen;
}

}  // namespace dcm::archive
