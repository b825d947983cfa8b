// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/descendants.hpp>
#include <dcm/archive/events.hpp>
#include <dcm/archive/process_table.hpp>

#include <unistd.h>

#include <csignal>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_grace = 5s;
constexpr Clock::duration k_patience = 10s;
constexpr Clock::duration k_kill_again = 100ms;  // what they start while they are killed

void send_to_all(int signal)
{
    for (const auto& process : descendants_of(getpid(), read_processes())) {
        ::kill(process.pid, signal);
    }
}

}  // namespace

void Descendants::begin(Clock::time_point now)
{
    send_to_all(SIGTERM);
    m_kill_at = now + k_grace;
    m_give_up_at = now + k_grace + k_patience;
}

void Descendants::on_time(Clock::time_point now, const Notify& notify)
{
    if (!take_due(m_kill_at, now)) {
        return;
    }
    if (has_children() && now >= *m_give_up_at) {
        m_out_of_reach = true;
        notify({Level::warning,
                "something that this process started cannot even be killed, and is left: it waits for a file system "
                "that does not answer",
                {}});
    } else {
        send_to_all(SIGKILL);
        m_kill_at = now + k_kill_again;
    }
}

bool Descendants::over() const { return m_out_of_reach || !has_children(); }

}  // namespace dcm::archive
