// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/deadline.hpp>
#include <dcm/core/notice.hpp>

namespace dcm::archive {

// All that lives below this process once the server is over: cron, its jobs, orphans. It is asked to end, killed after
// 5 s and from then on whatever appears, until nothing is left, or what is left has not died of that for 10 s: it waits
// for a file system that does not answer.
class Descendants {
public:
    void begin(Clock::time_point now);
    void on_time(Clock::time_point now, const Notify& notify);

    // Nothing is left, or nothing that this process could reach.
    bool over() const;

    Time next() const { return m_kill_at; }

private:
    Time m_kill_at;
    Time m_give_up_at;
    bool m_out_of_reach = false;
};

}  // namespace dcm::archive
