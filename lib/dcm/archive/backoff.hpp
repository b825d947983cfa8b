// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/clock.hpp>

#include <algorithm>

namespace dcm::archive {

// How long to wait before something that ended is started again: 1 s, doubling to a minute while it keeps ending soon,
// from the beginning after it ran well.
class Backoff {
public:
    Clock::duration next(Clock::duration ran)
    {
        if (ran >= k_ran_well) {
            m_delay = k_first;
        }
        const auto delay = m_delay;
        m_delay = std::min(m_delay * 2, k_longest);
        return delay;
    }

private:
    static constexpr Clock::duration k_first{1000};
    static constexpr Clock::duration k_longest{60000};
    static constexpr Clock::duration k_ran_well{300000};

    Clock::duration m_delay = k_first;
};

}  // namespace dcm::archive
