// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/stop.hpp>
#include <dcm/core/text.hpp>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_look_again = 100ms;
constexpr Clock::duration k_progress = 10s;
constexpr Clock::duration k_dump = 2s;  // for the thread dump to be written

}  // namespace

void Stop::begin(ServerActions& server, std::optional<Clock::duration> limit, Clock::time_point now)
{
    m_limit = limit;
    m_begun = now;
    m_look_at = now + k_look_again;
    m_progress_at = now + k_progress;
    m_dump_at = limit ? Time(now + *limit) : std::nullopt;
    m_kill_at.reset();
    server.ask_to_end();
}

void Stop::over() { *this = Stop{}; }

bool Stop::on_time(ServerActions& server, Clock::time_point now, const Notify& notify)
{
    if (take_due(m_look_at, now)) {
        server.ask_to_end();
        m_look_at = now + k_look_again;
    }
    const bool progress = take_due(m_progress_at, now);
    if (progress) {
        notify({Level::info, "waiting for the server to end, " + human_duration(lasted(now)) + " so far", {}});
        m_progress_at = now + k_progress;
    }
    if (take_due(m_dump_at, now)) {
        notify({Level::warning,
                "the server has not ended within " + human_duration(*m_limit) +
                    "; asking for a thread dump, then killing it",
                {}});
        server.dump_threads();
        m_kill_at = now + k_dump;
    }
    if (take_due(m_kill_at, now)) {
        server.kill();
        m_kill_at = now + k_look_again;
    }
    return progress;
}

}  // namespace dcm::archive
