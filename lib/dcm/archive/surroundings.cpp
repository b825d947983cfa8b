// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/json_view.hpp>
#include <dcm/archive/storage.hpp>
#include <dcm/archive/surroundings.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>

#include <algorithm>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_spacing = 1min;
constexpr Clock::duration k_spacing_in_trouble = 10s;
constexpr Clock::duration k_limit = 20s;
constexpr std::size_t k_most_directories = 50;

bool is_plain(const std::string& path)
{
    const auto parts = split(path, '/');
    return !path.empty() && path.size() < 4096 && path.find(':') == std::string::npos && printable(path) == path &&
           std::find(parts.begin(), parts.end(), "..") == parts.end();
}

}  // namespace

std::vector<std::string> storage_directories(const std::string& database)
{
    const Json json = Json::parse(database, nullptr, false);
    std::vector<std::string> found;
    for (const auto& entry : JsonView(json).at("/storage")) {
        if (entry.is_string() && is_plain(entry.get<std::string>()) && found.size() < k_most_directories) {
            found.push_back(entry.get<std::string>());
        }
    }
    return found.empty() ? std::vector<std::string>{"archive"} : found;
}

std::optional<Condition> judge_database(const Inquiry::Answer& answer, const std::string& database)
{
    if (answer.late) {
        return Condition{true, "the database does not answer within " + human_duration(k_limit)};
    }
    const Json json = Json::parse(database, nullptr, false);
    const JsonView view(json);
    if (answer.status.success() || view.text("/state") != "failed" || view.text("/cause").empty()) {
        return std::nullopt;
    }
    return Condition{true, "the database cannot be used: " + printable(view.text("/message"))};
}

Surroundings::Surroundings(const Settings& settings, StatusBoard& board) : m_settings(settings), m_board(board) {}

void Surroundings::begin(Clock::time_point now)
{
    m_disks_at = now;  // The chain has just seen it; after a restart nobody has.
    m_database_at = now + k_spacing_in_trouble;
}

void Surroundings::end()
{
    m_disks_at.reset();
    m_database_at.reset();
    m_disks.abandon();
    m_database.abandon();
}

void Surroundings::set(const std::string& name, const std::optional<Condition>& condition, const Notify& notify)
{
    if (!m_board.set(name, condition)) {
        return;
    }
    if (condition) {
        notify({condition->fault ? Level::error : Level::warning, condition->text, {}, true});
    } else {
        notify({Level::info, name + ": well again", {}});
    }
}

void Surroundings::on_time(Clock::time_point now, const Notify& notify)
{
    if (const auto late = m_disks.on_time(now)) {
        take_disks(*late, now, notify);
    }
    if (const auto late = m_database.on_time(now)) {
        take_database(*late, now, notify);
    }
    if (take_due(m_disks_at, now)) {
        ask_disks(now);
    }
    if (take_due(m_database_at, now)) {
        ask_database(now);
    }
}

void Surroundings::on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify)
{
    if (const auto answer = m_disks.on_reaped(pid, status)) {
        take_disks(*answer, now, notify);
    }
    if (const auto answer = m_database.on_reaped(pid, status)) {
        take_database(*answer, now, notify);
    }
}

void Surroundings::ask_disks(Clock::time_point now)
{
    const std::string server = m_settings.server();
    const Status& status = m_board.status();
    const auto directories = storage_directories(status.database_now.empty() ? status.database : status.database_now);
    m_disks_at = now + k_spacing;
    const auto measure = [&] {
        const Storage storage = measure_storage(server, directories);
        return format_condition(judge_rooms(storage)) + "\n" + format_condition(judge_volume(storage)) + "\n";
    };
    m_disks.ask(m_settings.run_as.user, measure, now, k_limit);
}

void Surroundings::take_disks(const Inquiry::Answer& answer, Clock::time_point now, const Notify& notify)
{
    std::optional<Condition> rooms;
    std::optional<Condition> volume;
    if (answer.late) {
        rooms = Condition{true, "a file system of the archive does not answer within " + human_duration(k_limit) +
                                    "; is its server there?"};
    } else if (const auto lines = split(answer.text, '\n'); lines.size() == 3) {
        rooms = parse_condition(lines[0]);
        volume = parse_condition(lines[1]);
    }
    set("storage", rooms, notify);
    set("volume", volume, notify);
    m_disks_at = now + (rooms || volume ? k_spacing_in_trouble : k_spacing);
}

void Surroundings::ask_database(Clock::time_point now)
{
    m_database_at = now + k_spacing;
    sys::LongLived program;
    program.argv = {"dcm-wait-db", "--once", "--log-level", "error", "--status-file", m_board.database_file()};
    try {
        m_database.ask(program, now, k_limit);
    } catch (const Error&) {
        m_database_at.reset();  // a toolkit without that command
    }
}

void Surroundings::take_database(const Inquiry::Answer& answer, Clock::time_point now, const Notify& notify)
{
    const auto condition = judge_database(answer, sys::read_or_empty(m_board.database_file()));
    set("database", condition, notify);
    m_board.renew();
    m_database_at = now + (condition ? k_spacing_in_trouble : k_spacing);
}

}  // namespace dcm::archive
