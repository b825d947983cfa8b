// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/clock.hpp>

#include <algorithm>
#include <initializer_list>
#include <optional>

namespace dcm::archive {

using Time = std::optional<Clock::time_point>;  // when something is due; nullopt: never

// Whether `when` has come; then it is spent.
inline bool take_due(Time& when, Clock::time_point now)
{
    const bool due = when && *when <= now;
    if (due) {
        when.reset();
    }
    return due;
}

inline Time earliest(std::initializer_list<Time> times)
{
    return std::min(times, [](const Time& a, const Time& b) { return a && (!b || *a < *b); });
}

}  // namespace dcm::archive
