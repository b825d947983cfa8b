// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/clock.hpp>
#include <dcm/core/notice.hpp>
#include <dcm/db/cause.hpp>

#include <chrono>
#include <functional>
#include <optional>

namespace dcm::db {

struct WaitPolicy {
    std::chrono::milliseconds interval{30'000};        // between login attempts that reach a server
    std::optional<std::chrono::milliseconds> timeout;  // of the whole wait; nullopt: for ever
    bool once = false;                                 // one attempt
    bool fail_fast = false;                            // a cause that only a person can fix ends it
    std::chrono::milliseconds unreachable{100};        // between looks at an address while nobody answers
    std::chrono::milliseconds answer{10'000};          // how long one attempt may take for a step
    std::chrono::milliseconds repeat{60'000};          // how often an unchanged cause is said again
};

// One login attempt; the login is read anew each time, so that a corrected file counts.
struct Attempt {
    std::optional<Failure> failure;  // nullopt: it works
    datasource::Login login;
};

// Makes one attempt, no step of which takes longer than `answer`.
using Try = std::function<Attempt(std::chrono::milliseconds answer)>;

// Call `attempt` until it works. Each cause is said once when it appears, then at most every `policy.repeat`, as a
// notice with the field `cause`. While nobody answers there are at most 1 s / `policy.unreachable` connections a
// second; a handshake that fails for TLS, which servers count until they block the client, is tried ever more rarely.
// Returns the number of attempts. Throws Error(temp_fail) at the timeout, and under `once` and `fail_fast` an Error
// with the cause's exit status; both name the cause.
int wait(const Try& attempt, const WaitPolicy& policy, Clock& clock, const Notify& notify);

}  // namespace dcm::db
