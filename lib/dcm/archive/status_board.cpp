// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/process_table.hpp>
#include <dcm/archive/status_board.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>

#include <nlohmann/json.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <utility>

namespace dcm::archive {

namespace {

constexpr std::size_t k_restarts_kept = 10;
constexpr std::size_t k_longest_part = 44U << 10U;  // of another's file, 100 jobs for one: the whole is read in one go

std::string part(const std::string& path)
{
    const std::string text = sys::read_or_empty(path);
    return text.size() > k_longest_part ? std::string() : text;
}

}  // namespace

StatusBoard::StatusBoard(std::string run_dir, std::string metrics_file)
    : m_run_dir(std::move(run_dir)), m_metrics_file(std::move(metrics_file))
{
    m_status.version = DCM_VERSION;
    m_status.since = std::time(nullptr);
    m_status.pid = getpid();
    m_status.start_ticks = start_ticks_of(m_status.pid);
    if (mkdir(m_run_dir.c_str(), 0755) == 0) {
        chmod(m_run_dir.c_str(), 0755);
    }
}

void StatusBoard::enter(const std::string& state, const std::string& reason, Fault fault)
{
    if (m_status.state != state) {
        m_status.since = std::time(nullptr);
    }
    m_status.state = state;
    m_status.reason = reason;
    m_status.fault = fault == Fault::yes;
    m_changed = true;
}

bool StatusBoard::set(const std::string& name, const std::optional<Condition>& condition)
{
    auto& all = m_status.conditions;
    const auto found = all.find(name);
    const auto before = found == all.end() ? std::nullopt : std::optional(found->second);
    if (!condition) {
        all.erase(name);
        m_changed = m_changed || before;
        return before.has_value();
    }
    all[name] = *condition;
    m_changed = m_changed || !before || before->text != condition->text;
    return !before || before->fault != condition->fault;
}

void StatusBoard::server_started(Clock::time_point now)
{
    m_started = now;
    m_status.server_pid = 0;
    m_status.server_started = std::time(nullptr);
    m_status.ready_after_ms.reset();
    m_status.resident.reset();
    m_status.dicom_answer = "none";
    m_status.dicom_text.clear();
    m_status.dicom_checked = 0;
}

void StatusBoard::restart_begins(const std::string& kind, const std::string& reason, Clock::time_point now)
{
    ++m_status.restarts[kind];
    m_status.last_restarts.push_back({std::time(nullptr), kind, reason, std::nullopt});
    if (m_status.last_restarts.size() > k_restarts_kept) {
        m_status.last_restarts.erase(m_status.last_restarts.begin());
    }
    m_away_since = m_away_since ? m_away_since : now;
}

Clock::duration StatusBoard::ready(Clock::time_point now)
{
    m_status.ready_after_ms = (now - m_started).count();
    if (!m_away_since) {
        return now - m_started;
    }
    const auto away = now - *std::exchange(m_away_since, std::nullopt);
    m_status.last_restarts.back().away_ms = away.count();
    return away;
}

void StatusBoard::publish(const Notify& notify)
{
    if (!std::exchange(m_changed, false)) {
        return;
    }
    m_status.updated = std::time(nullptr);
    m_status.jobs = part(m_run_dir + "/jobs.json");
    m_status.database = part(m_run_dir + "/db.json");
    m_status.database_now = part(database_file());
    const Json json = to_json(m_status);
    replace(m_run_dir + "/status.json", format_json(json), notify);
    if (!m_metrics_file.empty()) {
        replace(m_metrics_file, format_metrics(json), notify);
    }
}

void StatusBoard::replace(const std::string& path, const std::string& content, const Notify& notify)
{
    if (!sys::replace_file(path, content) && !std::exchange(m_warned, true)) {
        const std::string why = errno_text(errno);
        notify({Level::warning,
                "cannot write " + dcm::quoted(path) + ": " + why +
                    "; the archive runs, but its status and health cannot be asked for: make the directory writable",
                {}});
    }
}

}  // namespace dcm::archive
