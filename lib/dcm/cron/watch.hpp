// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/cron/load.hpp>

#include <sys/stat.h>

#include <chrono>
#include <optional>

namespace dcm::cron {

// Follows the crontab file: edits in place, replacements, changed links. What it says, it says once.
class Watch {
public:
    // The file as it is now counts as loaded.
    Watch(const LoadSettings& settings, const Notify& notify);

    // To be called again and again. Loads the file when it has changed and then stayed the same from one call to the
    // next, so that nothing half written is loaded; a bad edit leaves the old schedule.
    void look();

private:
    struct State {
        dev_t device = 0;
        ino_t inode = 0;
        off_t size = 0;
        timespec modified{};
        timespec changed{};
        bool deleted = false;  // the name that was mounted here is gone
    };
    static bool same(const std::optional<State>& a, const std::optional<State>& b);
    std::optional<State> state() const;

    const LoadSettings& m_settings;
    const Notify& m_notify;
    std::optional<State> m_loaded;
    std::optional<State> m_seen;
};

// Look every `interval` until a signal ends the process.
[[noreturn]] void watch(const LoadSettings& settings, std::chrono::milliseconds interval, const Notify& notify);

}  // namespace dcm::cron
