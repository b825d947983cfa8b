// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/deadline.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace dcm::archive {

// When a JVM that has grown too large is restarted: above the limit for a minute on end, as soon as no association is
// open, once an hour at most, so that a limit below what the server needs does not restart it over and over.
class LeakGuard {
public:
    explicit LeakGuard(std::optional<std::uint64_t> limit) : m_limit(limit) {}

    // Why a JVM that holds `resident` bytes now is to be restarted; nullopt while it is not. Asks for the number of
    // open associations only when it matters.
    std::optional<std::string> judge(std::uint64_t resident, Clock::time_point now,
                                     const std::function<std::size_t()>& associations);

    // A fresh JVM has been started.
    void forget() { m_above_since.reset(); }

    bool enabled() const { return m_limit.has_value(); }

    // How long until the next look: sooner while only an association stands in the way.
    Clock::duration interval() const;

private:
    std::optional<std::uint64_t> m_limit;
    Time m_above_since;
    Time m_restarted;
    bool m_blocked = false;  // by an association, at the last look
};

}  // namespace dcm::archive
