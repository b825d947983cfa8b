// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/inquiry.hpp>
#include <dcm/archive/settings.hpp>
#include <dcm/archive/status_board.hpp>
#include <dcm/core/notice.hpp>

#include <string>
#include <vector>

namespace dcm::archive {

// What the archive needs beside itself to take images: room on its disks, and its database. Asked once a minute while
// the server runs, every 10 s while something is wrong; the answers are conditions on the board, and are said when they
// change.
class Surroundings {
public:
    Surroundings(const Settings& settings, StatusBoard& board);

    void begin(Clock::time_point now);  // the server has been started
    void end();

    void on_reaped(pid_t pid, const sys::ExitStatus& status, Clock::time_point now, const Notify& notify);
    void on_time(Clock::time_point now, const Notify& notify);
    Time next() const { return earliest({m_disks_at, m_disks.next(), m_database_at, m_database.next()}); }

private:
    void ask_disks(Clock::time_point now);
    void ask_database(Clock::time_point now);
    void take_disks(const Inquiry::Answer& answer, Clock::time_point now, const Notify& notify);
    void take_database(const Inquiry::Answer& answer, Clock::time_point now, const Notify& notify);
    void set(const std::string& name, const std::optional<Condition>& condition, const Notify& notify);

    const Settings& m_settings;
    StatusBoard& m_board;
    Inquiry m_disks;
    Inquiry m_database;
    Time m_disks_at;
    Time m_database_at;
};

// The directories that the database says are written, from the JSON of dcm-wait-db: what is no plain path, absolute or
// below server/default, is left out. The archive's own default where it says nothing.
std::vector<std::string> storage_directories(const std::string& database);

// What the end of `dcm-wait-db --once` and the JSON that it left mean; nullopt when all is well, or nothing is known.
std::optional<Condition> judge_database(const Inquiry::Answer& answer, const std::string& database);

}  // namespace dcm::archive
