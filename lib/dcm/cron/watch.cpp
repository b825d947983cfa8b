// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/clock.hpp>
#include <dcm/core/text.hpp>
#include <dcm/cron/watch.hpp>

namespace dcm::cron {

Watch::Watch(const LoadSettings& settings, const Notify& notify)
    : m_settings(settings), m_notify(notify), m_loaded(state()), m_seen(m_loaded)
{
}

std::optional<Watch::State> Watch::state() const
{
    struct stat status {};
    if (stat(m_settings.file.c_str(), &status) != 0) {
        return std::nullopt;
    }
    return State{status.st_dev,  status.st_ino,  status.st_size,
                 status.st_mtim, status.st_ctim, S_ISREG(status.st_mode) && status.st_nlink == 0};
}

bool Watch::same(const std::optional<State>& a, const std::optional<State>& b)
{
    const auto equal = [](const timespec& x, const timespec& y) {
        return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
    };
    if (!a || !b) {
        return !a && !b;
    }
    return a->device == b->device && a->inode == b->inode && a->size == b->size && equal(a->modified, b->modified) &&
           equal(a->changed, b->changed) && a->deleted == b->deleted;
}

void Watch::look()
{
    const auto now = state();
    const bool settled = same(now, m_seen);
    m_seen = now;
    if (!settled || same(now, m_loaded)) {
        return;
    }
    m_loaded = now;
    if (!now) {
        m_notify({Level::warning, quoted(m_settings.file) + " is gone; the jobs that are loaded stay", {}});
    } else if (now->deleted) {
        warn_if_replaced(m_settings.file, m_notify);
    } else {
        load_or_explain(m_settings, m_notify);
    }
}

void watch(const LoadSettings& settings, std::chrono::milliseconds interval, const Notify& notify)
{
    SystemClock clock;
    for (Watch watch(settings, notify);; watch.look()) {
        clock.sleep(interval);
    }
}

}  // namespace dcm::cron
