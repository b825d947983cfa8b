// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/deadline.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::archive {

// A span of the day in minutes since midnight, `from` included, `to` not; it may cross midnight.
struct DayWindow {
    int from = 120;
    int to = 300;

    bool contains(int minute) const;
    int minutes_left(int minute) const;  // until `to`
    std::string str() const;             // "02:00-05:00"
};

// "02:00-05:00"; nullopt for anything else, and for a window without length.
std::optional<DayWindow> parse_window(std::string_view text);

// A bound on memory: bytes, or a part of what the container may use.
struct MemoryBound {
    std::uint64_t bytes = 0;
    unsigned percent = 0;  // 0: `bytes` count

    std::uint64_t of(std::uint64_t available) const;
};

// A size such as 3G (parse_size), or 1 to 100 with %. nullopt for anything else.
std::optional<MemoryBound> parse_memory_bound(std::string_view text);

// When a JVM that has grown too large is restarted. Above `soft` for 5 minutes on end: inside the window, as soon as no
// association is open, in the window's last ten minutes even so. Above `hard` for one minute: as soon as no association
// is open, at any time of the day. A limit that lies below what the server needs must not restart it over and over:
// `soft` does so every 12 hours at most, `hard` every hour.
class LeakGuard {
public:
    LeakGuard(std::optional<std::uint64_t> soft, std::optional<std::uint64_t> hard, const DayWindow& window)
        : m_soft(soft), m_hard(hard), m_window(window)
    {
    }

    struct Verdict {
        enum class Action { none, announce, restart };
        Action action = Action::none;
        std::string text;  // for people
    };

    // What to do about a JVM that holds `rss` bytes now, `minute` of the day. Asks for the number of open associations
    // only when it matters.
    Verdict judge(std::uint64_t rss, Clock::time_point now, int minute,
                  const std::function<std::size_t()>& associations);

    // A fresh JVM has been started.
    void forget();

    bool enabled() const { return m_soft || m_hard; }
    std::optional<std::uint64_t> soft() const { return m_soft; }
    std::optional<std::uint64_t> hard() const { return m_hard; }

    // Since when the JVM has been above the soft limit.
    Time above_since() const { return m_soft_since; }

    // How long until the next look: sooner while only an association stands in the way.
    Clock::duration interval() const;

private:
    bool rested(Clock::time_point now, Clock::duration pause) const;
    std::string describe(std::uint64_t rss, std::uint64_t limit, const char* name) const;

    std::optional<std::uint64_t> m_soft;
    std::optional<std::uint64_t> m_hard;
    DayWindow m_window;
    Time m_soft_since;
    Time m_hard_since;
    Time m_restarted;
    bool m_announced = false;
    bool m_blocked = false;  // by an association, at the last look
};

}  // namespace dcm::archive
