// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/clock.hpp>
#include <dcm/core/notice.hpp>
#include <dcm/db/session.hpp>
#include <dcm/db/wait.hpp>

#include <functional>
#include <optional>
#include <string>

namespace dcm::db {

enum class ArchiveCheck { off, warn, stop };

// "off", "warn" or "stop".
std::optional<ArchiveCheck> parse_archive_check(const std::string& text);

// What wrong schema and driver, and a setting that cannot be written, mean.
enum class Strictness {
    wait,  // as a failed login: named, and waited for until it is mended
    warn,  // said once: the start of an archive goes on
};

// What is looked at, and done, after the login.
struct Checks {
    std::string server_directory;              // server/default: its lib, conf and .dcm are looked at
    bool driver = false;                       // see driver.hpp
    bool schema = false;                       // see schema.hpp
    ArchiveCheck archive = ArchiveCheck::off;  // see archive_files.hpp; `stop`: Error(temp_fail), at once
    std::string archive_directory;             // relative paths in the database start from its parent
    bool settings = false;                     // those of the environment are written, see admin_password.hpp
    Strictness strictness = Strictness::wait;
};

// Wait as `policy` says until the database can be used: a login by `access`, which is called for each attempt, and then
// the checks. All of it begins anew when the connection is lost on the way. Each warning is said once. The state is
// kept in `status_file` (see status_file.hpp; empty: nowhere), also when this throws.
// Throws what `access`, `wait` and `log_in` throw.
void wait_for_database(const std::function<Access()>& access, const Checks& checks, const WaitPolicy& policy,
                       const std::string& status_file, Clock& clock, const Notify& notify);

}  // namespace dcm::db
