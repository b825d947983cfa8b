// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/log_queue.hpp>
#include <dcm/core/clock.hpp>
#include <dcm/core/log.hpp>

#include <unistd.h>

#include <utility>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_most = 64U << 10U;
constexpr Clock::duration k_last_wait = 1s;

}  // namespace

LogQueue::LogQueue() : m_writer(STDERR_FILENO)
{
    log::send_to([this](std::string_view line) { put(line); });
}

LogQueue::~LogQueue()
{
    const SystemClock clock;
    const auto end = clock.now() + k_last_wait;
    for (auto left = k_last_wait; !m_lines.empty() && left.count() > 0; left = end - clock.now()) {
        pollfd waiting = waits_for();
        poll(&waiting, 1, static_cast<int>(left.count()));
        work();
    }
    log::send_to({});
}

void LogQueue::put(std::string_view line)
{
    if (m_lines.size() + line.size() > k_most) {
        ++m_dropped;
        return;
    }
    m_lines.append(line);
    work();
}

void LogQueue::work()
{
    m_lines.erase(0, m_writer.write(m_lines));
    if (!m_lines.empty()) {
        return;
    }
    if (const auto dropped = std::exchange(m_dropped, 0); dropped > 0) {
        log::write({Level::warning,
                    std::to_string(dropped) +
                        " lines of this log are missing here: nobody read standard error, and the archive does not "
                        "wait for that; look at the log driver of the container engine",
                    {},
                    true});
    }
}

}  // namespace dcm::archive
