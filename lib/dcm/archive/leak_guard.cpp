// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/leak_guard.hpp>
#include <dcm/core/text.hpp>

#include <array>
#include <cstdio>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr int k_day = 24 * 60;
constexpr int k_last_minutes = 10;
constexpr Clock::duration k_soft_for = 5min;
constexpr Clock::duration k_hard_for = 1min;
constexpr Clock::duration k_soft_pause = 12h;
constexpr Clock::duration k_hard_pause = 1h;

std::optional<int> parse_time_of_day(std::string_view text)
{
    if (text.size() != 5 || text[2] != ':') {
        return std::nullopt;
    }
    const auto hour = parse_unsigned(text.substr(0, 2), 0, 23);
    const auto minute = parse_unsigned(text.substr(3), 0, 59);
    return hour && minute ? std::optional(static_cast<int>(*hour * 60 + *minute)) : std::nullopt;
}

}  // namespace

bool DayWindow::contains(int minute) const
{
    return from < to ? from <= minute && minute < to : from <= minute || minute < to;
}

int DayWindow::minutes_left(int minute) const { return (to - minute + k_day) % k_day; }

std::string DayWindow::str() const
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%02d:%02d-%02d:%02d", from / 60 % 24, from % 60, to / 60 % 24, to % 60);
    return text.data();
}

std::optional<DayWindow> parse_window(std::string_view text)
{
    const auto dash = text.find('-');
    const auto from = parse_time_of_day(text.substr(0, dash));
    const auto to = dash == std::string_view::npos ? std::nullopt : parse_time_of_day(text.substr(dash + 1));
    if (!from || !to || *from == *to) {
        return std::nullopt;
    }
    return DayWindow{*from, *to};
}

std::uint64_t MemoryBound::of(std::uint64_t available) const
{
    return percent == 0 ? bytes : available / 100 * percent;
}

std::optional<MemoryBound> parse_memory_bound(std::string_view text)
{
    if (ends_with(text, "%")) {
        const auto percent = parse_unsigned(text.substr(0, text.size() - 1), 1, 100);
        return percent ? std::optional(MemoryBound{0, static_cast<unsigned>(*percent)}) : std::nullopt;
    }
    const auto bytes = parse_size(text);
    return bytes && *bytes > 0 ? std::optional(MemoryBound{*bytes, 0}) : std::nullopt;
}

void LeakGuard::forget()
{
    m_soft_since.reset();
    m_hard_since.reset();
    m_announced = false;
}

Clock::duration LeakGuard::interval() const { return m_blocked ? 10s : 60s; }

bool LeakGuard::rested(Clock::time_point now, Clock::duration pause) const
{
    return !m_restarted || now - *m_restarted >= pause;
}

std::string LeakGuard::describe(std::uint64_t rss, std::uint64_t limit, const char* name) const
{
    return "the JVM holds " + human_size(rss) + " of memory, more than " + name + " allows (" + human_size(limit) + ")";
}

LeakGuard::Verdict LeakGuard::judge(std::uint64_t rss, Clock::time_point now, int minute,
                                    const std::function<std::size_t()>& associations)
{
    m_blocked = false;
    const auto is_free = [&] {
        m_blocked = associations() != 0;
        return !m_blocked;
    };
    const auto track = [&](const std::optional<std::uint64_t>& limit, Time& since) {
        if (!limit || rss <= *limit) {
            since.reset();
        } else if (!since) {
            since = now;
        }
    };
    track(m_soft, m_soft_since);
    track(m_hard, m_hard_since);
    if (m_hard_since && now - *m_hard_since >= k_hard_for && rested(now, k_hard_pause) && is_free()) {
        m_restarted = now;
        return {Verdict::Action::restart, describe(rss, *m_hard, "DCM_MAX_RSS_HARD")};
    }
    if (!m_soft_since || now - *m_soft_since < k_soft_for) {
        m_announced = m_announced && m_soft_since;
        return {};
    }
    const std::string what = m_soft ? describe(rss, *m_soft, "DCM_MAX_RSS") : std::string();
    const bool last_minutes = m_window.minutes_left(minute) <= k_last_minutes;
    if (m_window.contains(minute) && rested(now, k_soft_pause) && (last_minutes || is_free())) {
        m_restarted = now;
        return {Verdict::Action::restart, what};
    }
    if (m_announced) {
        return {};
    }
    m_announced = true;
    return {Verdict::Action::announce, what + "; it will be restarted between " + m_window.str()};
}

}  // namespace dcm::archive
