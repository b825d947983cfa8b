// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/leak_guard.hpp>
#include <dcm/core/text.hpp>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_above_for = 1min;
constexpr Clock::duration k_pause = 1h;

}  // namespace

Clock::duration LeakGuard::interval() const { return m_blocked ? 10s : 60s; }

std::optional<std::string> LeakGuard::judge(std::uint64_t resident, Clock::time_point now,
                                            const std::function<std::size_t()>& associations)
{
    m_blocked = false;
    if (!m_limit || resident <= *m_limit) {
        m_above_since.reset();
        return std::nullopt;
    }
    m_above_since = m_above_since ? m_above_since : now;
    if (now - *m_above_since < k_above_for || (m_restarted && now - *m_restarted < k_pause)) {
        return std::nullopt;
    }
    m_blocked = associations() != 0;
    if (m_blocked) {
        return std::nullopt;
    }
    m_restarted = now;
    return "the JVM holds " + human_size(resident) + " of memory, more than DCM_MAX_RSS allows (" +
           human_size(*m_limit) + ")";
}

}  // namespace dcm::archive
