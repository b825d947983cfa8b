// SPDX-License-Identifier: Apache-2.0
#include <dcm/cron/next.hpp>

#include <algorithm>
#include <optional>

namespace dcm::cron {

namespace {

using Minute = std::int64_t;  // since 1970, of the universal or of the local clock

constexpr Minute k_hour = 60;
constexpr Minute k_day = 24 * k_hour;
constexpr Minute k_horizon = k_day * 366 * 40;
constexpr Minute k_small_step = 5;  // the clock went forward so little: every minute is made up for
constexpr Minute k_large_step =
    3 * k_hour;  // more than this, either way, is a clock that was set, not a change of season

Minute offset_at(Minute universal)
{
    const std::time_t seconds = universal * 60;
    std::tm local{};
    localtime_r(&seconds, &local);
    return (local.tm_gmtoff >= 0 ? local.tm_gmtoff : local.tm_gmtoff - 59) / 60;
}

bool is_on_day(const Schedule& schedule, const std::tm& day)
{
    if (!schedule.months[static_cast<std::size_t>(day.tm_mon) + 1]) {
        return false;
    }
    const bool fits_day = schedule.days[static_cast<std::size_t>(day.tm_mday)];
    const bool fits_weekday = schedule.weekdays[static_cast<std::size_t>(day.tm_wday)];
    return schedule.any_day || schedule.any_weekday ? fits_day && fits_weekday : fits_day || fits_weekday;
}

// The first minute of the local clock in [`from`, `end`) that the schedule has.
std::optional<Minute> first_match(const Schedule& schedule, Minute from, Minute end)
{
    for (Minute at = from; at < end;) {
        const std::time_t seconds = at * 60;
        std::tm local{};
        gmtime_r(&seconds, &local);
        const Minute midnight = at - local.tm_hour * k_hour - local.tm_min;
        if (!is_on_day(schedule, local)) {
            at = midnight + k_day;
        } else if (!schedule.hours[static_cast<std::size_t>(local.tm_hour)]) {
            at = midnight + (local.tm_hour + 1) * k_hour;
        } else if (!schedule.minutes[static_cast<std::size_t>(local.tm_min)]) {
            ++at;
        } else {
            return at;
        }
    }
    return std::nullopt;
}

// Cron's own clock: a virtual minute of the local clock that normally moves with it.
class VirtualClock {
public:
    VirtualClock(const Schedule& schedule, Minute now)
        : m_schedule(schedule), m_now(now), m_virtual(now + offset_at(now)), m_end(now + k_horizon)
    {
    }

    // The next minute at which the job is started.
    std::optional<Minute> next()
    {
        while (m_now < m_end) {
            const Minute local = m_now + 1 + offset_at(m_now + 1);
            if (local - m_virtual != 1 ? step(local) : walk(local)) {
                return m_now;
            }
        }
        return std::nullopt;
    }

private:
    bool matches(Minute from, Minute to) const { return first_match(m_schedule, from, to + 1).has_value(); }

    // Go on, through a time without changes of the clock, to the next match or to its end.
    bool walk(Minute local)
    {
        const Minute offset = local - (m_now + 1);
        const Minute end = next_change();
        const auto match = first_match(m_schedule, local, end + offset);
        m_virtual = match.value_or(end - 1 + offset);
        m_now = m_virtual - offset;
        return match.has_value();
    }

    // One minute after the clock was changed.
    bool step(Minute local)
    {
        ++m_now;
        const Minute difference = local - m_virtual;
        const Minute before = m_virtual;
        if (difference > -k_large_step && difference <= 0) {
            return m_schedule.follows_clock && matches(local, local);
        }
        m_virtual = local;
        if (difference > 0 && difference <= k_small_step) {
            return matches(before + 1, local);
        }
        if (difference > 0 && difference <= k_large_step && !m_schedule.follows_clock) {
            return matches(before + 1, local);
        }
        return matches(local, local);
    }

    // The first universal minute after the next one that has another offset.
    Minute next_change()
    {
        const Minute begin = m_now + 1;
        if (m_change > begin) {
            return m_change;
        }
        const Minute offset = offset_at(begin);
        Minute same = begin;
        Minute other = begin;
        while (other < m_end && offset_at(other) == offset) {
            same = other;
            other += k_day / 2;
        }
        while (other - same > 1) {
            const Minute middle = same + (other - same) / 2;
            (offset_at(middle) == offset ? same : other) = middle;
        }
        m_change = std::max(other, begin + 1);
        return m_change;
    }

    const Schedule& m_schedule;
    Minute m_now;
    Minute m_virtual;
    Minute m_end;
    Minute m_change = 0;
};

}  // namespace

std::vector<std::time_t> next_runs(const Schedule& schedule, std::time_t after, std::size_t count)
{
    std::vector<std::time_t> runs;
    if (schedule.at_start) {
        return runs;
    }
    // From a little earlier: cron may be in the middle of an hour that comes twice.
    VirtualClock clock(schedule, after / 60 - k_large_step - 1);
    while (runs.size() < count) {
        const auto run = clock.next();
        if (!run) {
            break;
        }
        if (*run * 60 > after) {
            runs.push_back(*run * 60);
        }
    }
    return runs;
}

}  // namespace dcm::cron
