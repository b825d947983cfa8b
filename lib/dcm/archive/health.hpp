// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/status.hpp>
#include <dcm/core/exit_code.hpp>

#include <nlohmann/json.hpp>

namespace dcm::archive {

// A verdict for container engines: `ok` while the archive works, starts or is being restarted on purpose;
// `unavailable` when a person should look.
struct Health {
    ExitCode code = ExitCode::ok;
    std::string reason;  // one line
    bool ready = false;  // now
};

Health judge_health(const Json& status, std::time_t now);

// What runs in this container, from RUN_DIR/status.json if the dcm-start that wrote it lives; before it runs, from
// db.json and from the name of PID 1, whose earlier commands of the chain count as starting.
struct Report {
    Health health;
    Json status;  // null: no dcm-start runs
};
Report read_report(const std::string& run_dir, std::time_t now);

// Throws Error(unavailable) when the dcm-start that wrote RUN_DIR/status.json lives: a second server on one volume
// would take its log, its socket and its files.
void refuse_second(const std::string& run_dir);

// What a command prints, and the status it ends with.
struct Reply {
    ExitCode code = ExitCode::ok;
    std::string text;
};

enum class Form { text, json };
// The status; `unavailable` with a line of the reason when there is none.
Reply tell_status(const std::string& run_dir, Form form);

enum class Want { sound, ready };
// The line of `Health::reason`; `temp_fail` when readiness is wanted and not there.
Reply tell_health(const std::string& run_dir, Want want);

}  // namespace dcm::archive
