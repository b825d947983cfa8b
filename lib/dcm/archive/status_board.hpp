// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/deadline.hpp>
#include <dcm/archive/status.hpp>
#include <dcm/core/notice.hpp>

#include <optional>
#include <string>

namespace dcm::archive {

enum class Fault { no, yes };  // yes: a person should look

// Keeps the status of this dcm-start, and its files RUN_DIR/status.json and the metrics file: replaced as a whole, so
// that a reader never meets half of one, without fsync, since nothing of it outlives the container. A directory that
// cannot be written is a warning, once.
class StatusBoard {
public:
    // `metrics_file` empty: none.
    StatusBoard(std::string run_dir, std::string metrics_file);

    // What no method below sets may be set by the caller.
    Status& status() { return m_status; }

    void enter(const std::string& state, const std::string& reason, Fault fault = Fault::no);
    // Enter or end a condition; tells whether anything changed.
    bool set(const std::string& name, const std::optional<Condition>& condition);

    void server_started(Clock::time_point now);

    // The archive goes away, to come again.
    void restart_begins(const std::string& kind, const std::string& reason, Clock::time_point now);
    bool restart_goes_on() const { return m_away_since.has_value(); }

    // It is ready: how long that took, after a restart from when it went away.
    Clock::duration ready(Clock::time_point now);

    // The files, when something was entered or `renew` asked for it since.
    void publish(const Notify& notify);

    // Where a dcm-wait-db that is asked now writes its state.
    std::string database_file() const { return m_run_dir + "/db-now.json"; }
    void renew() { m_changed = true; }

private:
    void replace(const std::string& path, const std::string& content, const Notify& notify);

    std::string m_run_dir;
    std::string m_metrics_file;
    Status m_status;
    Clock::time_point m_started{};
    Time m_away_since;
    bool m_changed = true;
    bool m_warned = false;
};

}  // namespace dcm::archive
