// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/wait.hpp>

#include <algorithm>

namespace dcm::db {

namespace {

using std::chrono::milliseconds;

class Waiting {
public:
    Waiting(const WaitPolicy& policy, Clock& clock, const Notify& notify)
        : m_policy(policy), m_clock(clock), m_notify(notify), m_begin(clock.now())
    {
    }

    // How long the next attempt may take for a step: it shall not outlast the timeout by much.
    milliseconds answer() const
    {
        constexpr milliseconds least{1000};
        return m_policy.timeout ? std::min(m_policy.answer, std::max(*m_policy.timeout - elapsed(), least))
                                : m_policy.answer;
    }

    void succeed(int attempts) const
    {
        if (m_cause) {
            m_notify({Level::info, "the database answers after " + human_duration(elapsed()), fields(attempts)});
        }
    }

    void fail(const Failure& failure, const std::string& text, int attempts)
    {
        const std::string cause(name(failure.cause));
        if (m_policy.once || (m_policy.fail_fast && needs_a_person(failure.cause))) {
            throw Error(exit_code(failure.cause), text, cause);
        }
        if (m_policy.timeout && elapsed() >= *m_policy.timeout) {
            throw Error(ExitCode::temp_fail, "gave up after " + human_duration(elapsed()) + ": " + text, cause);
        }
        m_repeats = failure.cause == m_cause ? m_repeats + 1 : 0;
        if (failure.cause == m_cause && m_clock.now() - m_last_said < m_policy.repeat) {
            return;
        }
        auto details = fields(attempts);
        details.emplace_back("cause", cause);
        details.emplace_back("code", static_cast<long long>(failure.number));
        m_notify({Level::warning, text + ", waiting", std::move(details), true});
        m_cause = failure.cause;
        m_last_said = m_clock.now();
    }

    void pause(const Failure& failure) const
    {
        milliseconds length = m_policy.interval;
        if (is_unreachable(failure.cause)) {
            length = std::min(m_policy.unreachable * failure.connections, length);
        } else if (failure.cause == Cause::tls) {
            // Servers block a client after 100 failed handshakes: doubled up to 32 times, that takes a day.
            constexpr int most_doublings = 5;
            length *= 1 << std::min(m_repeats, most_doublings);
        }
        if (m_policy.timeout) {
            length = std::min(length, *m_policy.timeout - elapsed());
        }
        m_clock.sleep(length);
    }

private:
    milliseconds elapsed() const { return m_clock.now() - m_begin; }

    std::vector<std::pair<std::string, Notice::Value>> fields(int attempts) const
    {
        return {{"attempt", static_cast<long long>(attempts)},
                {"elapsed_ms", static_cast<long long>(elapsed().count())}};
    }

    const WaitPolicy& m_policy;
    Clock& m_clock;
    const Notify& m_notify;
    Clock::time_point m_begin;
    Clock::time_point m_last_said{};
    std::optional<Cause> m_cause;
    int m_repeats = 0;
};

}  // namespace

int wait(const Try& attempt, const WaitPolicy& policy, Clock& clock, const Notify& notify)
{
    Waiting waiting(policy, clock, notify);
    for (int attempts = 1;; ++attempts) {
        const Attempt result = attempt(waiting.answer());
        if (!result.failure) {
            waiting.succeed(attempts);
            return attempts;
        }
        waiting.fail(*result.failure, explain(*result.failure, result.login), attempts);
        waiting.pause(*result.failure);
    }
}

}  // namespace dcm::db
