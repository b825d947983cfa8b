// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/wait.hpp>

#include <algorithm>

namespace dcm::db {

int wait(const std::function<Attempt()>& attempt, const WaitPolicy& policy, Clock& clock, const Notify& notify)
{
    const auto begin = clock.now();
    std::optional<Cause> last_cause;
    Clock::time_point last_said{};
    for (int attempts = 1;; ++attempts) {
        const Attempt result = attempt();
        const auto elapsed = clock.now() - begin;
        if (!result.failure) {
            if (last_cause) {
                notify({Level::info,
                        "the database answers after " + human_duration(elapsed),
                        {{"attempt", static_cast<long long>(attempts)},
                         {"elapsed_ms", static_cast<long long>(elapsed.count())}}});
            }
            return attempts;
        }
        const Cause cause = result.failure->cause;
        const std::string text = explain(*result.failure, result.login);
        if (policy.once || (policy.fail_fast && needs_a_person(cause))) {
            throw Error(exit_code(cause), text);
        }
        if (policy.timeout && elapsed >= *policy.timeout) {
            throw Error(ExitCode::temp_fail, "gave up after " + human_duration(elapsed) + ": " + text);
        }
        if (cause != last_cause || clock.now() - last_said >= policy.repeat) {
            notify({Level::warning,
                    text + ", waiting",
                    {{"cause", std::string(name(cause))},
                     {"code", static_cast<long long>(result.failure->number)},
                     {"attempt", static_cast<long long>(attempts)},
                     {"elapsed_ms", static_cast<long long>(elapsed.count())}}});
            last_cause = cause;
            last_said = clock.now();
        }
        auto pause = is_unreachable(cause) ? std::min(policy.unreachable, policy.interval) : policy.interval;
        if (policy.timeout) {
            pause = std::min(pause, *policy.timeout - elapsed);
        }
        clock.sleep(pause);
    }
}

}  // namespace dcm::db
