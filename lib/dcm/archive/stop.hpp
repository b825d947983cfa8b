// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/deadline.hpp>
#include <dcm/archive/server_actions.hpp>
#include <dcm/core/notice.hpp>

namespace dcm::archive {

// A server that was asked to end: a line of progress every 10 s; at the limit a thread dump into its log, 2 s later
// SIGKILL, until nothing of it is left.
class Stop {
public:
    // `limit` left out: it may take as long as it likes.
    void begin(ServerActions& server, std::optional<Clock::duration> limit, Clock::time_point now);
    // Whether it told of the progress.
    bool on_time(ServerActions& server, Clock::time_point now, const Notify& notify);
    void over();

    Time next() const { return earliest({m_look_at, m_progress_at, m_dump_at, m_kill_at}); }
    bool goes_on() const { return m_look_at.has_value(); }
    Clock::duration lasted(Clock::time_point now) const { return now - m_begun; }

private:
    std::optional<Clock::duration> m_limit;
    Clock::time_point m_begun{};
    Time m_look_at;  // for a JVM that run.sh starts after all
    Time m_progress_at;
    Time m_dump_at;
    Time m_kill_at;
};

}  // namespace dcm::archive
