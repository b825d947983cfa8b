// SPDX-License-Identifier: Apache-2.0
#include <dcm/cron/job_output.hpp>
#include <dcm/sys/file.hpp>

#include <algorithm>

namespace dcm::cron {

void JobOutput::feed(std::string_view text)
{
    const std::size_t room = sys::k_job_log_frame - m_prefix.size() - 1;
    while (!text.empty()) {
        if (m_partial.size() == room && text[0] != '\n') {
            put(m_partial);
            m_partial.clear();
        }
        const auto end = text.find('\n');
        const auto size = std::min({end, text.size(), room - m_partial.size()});
        m_partial.append(text.substr(0, size));
        text.remove_prefix(size);
        const bool ended = !text.empty() && text[0] == '\n';
        text.remove_prefix(ended ? 1 : 0);
        if (ended) {
            put(m_partial);
            m_partial.clear();
        }
    }
    flush();
}

void JobOutput::finish()
{
    if (!m_partial.empty()) {
        put(m_partial);
        m_partial.clear();
    }
    flush();
}

void JobOutput::put(std::string_view piece)
{
    if (m_frame.size() + m_prefix.size() + piece.size() + 1 > sys::k_job_log_frame) {
        flush();
    }
    m_frame.append(m_prefix).append(piece).push_back('\n');
}

// When nobody reads any more there is nobody to tell either: the job goes on, unheard.
void JobOutput::flush()
{
    static_cast<void>(sys::write_all(m_fd, m_frame));
    m_frame.clear();
}

}  // namespace dcm::cron
