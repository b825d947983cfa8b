// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>

#include <string>
#include <vector>

namespace dcm::db {

enum class State { waiting, up, failed };

// What the last run of dcm-wait-db knows of the database.
struct Status {
    State state = State::waiting;
    std::string cause;                  // name of the cause (see cause.hpp); empty when up, and for other failures
    std::string message;                // one line, no secret; empty when up
    std::vector<std::string> warnings;  // what was found after the login and stops nothing
};

// A file that others read (dcm-start --status): one JSON object
//   {"time": "2026-11-25T08:00:00.000000Z", "state": "waiting"|"up"|"failed", "cause": "access_denied",
//    "message": "access denied for ...; correct ...", "warnings": ["..."]}
// on one line; all keys always, replaced whole. Nobody waits for it to reach a disk: it tells of this boot.
class StatusFile {
public:
    // `path` empty: nothing is written.
    StatusFile(std::string path, Notify notify);

    // Its directory is made when missing. A failure is said once and stops nothing.
    void write(const Status& status);

private:
    std::string m_path;
    Notify m_notify;
    bool m_failed = false;
};

// The line itself.
std::string format_status(const Status& status, const std::string& time);

}  // namespace dcm::db
