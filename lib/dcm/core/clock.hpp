// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <thread>

namespace dcm {

// Monotonic time, so that a jump of the wall clock neither ends nor prolongs a wait. Tests inject their own.
class Clock {
public:
    using duration = std::chrono::milliseconds;
    using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    virtual time_point now() const = 0;
    virtual void sleep(duration length) = 0;
};

class SystemClock final : public Clock {
public:
    time_point now() const override { return std::chrono::time_point_cast<duration>(std::chrono::steady_clock::now()); }
    void sleep(duration length) override { std::this_thread::sleep_for(length); }
};

}  // namespace dcm
