// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/clock.hpp>
#include <dcm/core/notice.hpp>
#include <dcm/datasource/login.hpp>
#include <dcm/db/wait.hpp>

#include <functional>
#include <optional>
#include <string>

namespace dcm::db {

enum class ArchiveCheck { off, warn, stop };

// "off", "warn" or "stop".
std::optional<ArchiveCheck> parse_archive_check(const std::string& text);

// Why it is waited, which decides what a wrong schema, an unfit driver and a password that cannot be set mean.
enum class Purpose {
    use,    // of the database: as a failed login, named, and waited for until it is fixed
    start,  // of an archive: said once, and the start goes on
};

// What is looked at after the login.
struct Checks {
    std::string server_directory;  // server/default: its lib and conf are looked at
    Purpose purpose = Purpose::use;
    bool schema = false;                       // see schema.hpp
    bool passwords = false;                    // DCM_ADMIN_PASSWORD_FILE is applied, see admin_password.hpp
    bool other_servers = false;                // nodes need peer ids of their own, see other_servers.hpp
    ArchiveCheck archive = ArchiveCheck::off;  // see archive_files.hpp; `stop`: Error(temp_fail), at once
    std::string archive_directory;             // relative paths in the database start from its parent
};

// Wait as `policy` says until the database can be used: a login by what `login` returns, which is called for each
// attempt, and then the checks. All of it begins anew when the connection is lost on the way. Each warning is said
// once. The state is kept in `status_file` (see status_file.hpp; empty: nowhere), also when this throws.
// Throws what `login` and `wait` throw.
void wait_for_database(const std::function<datasource::Login()>& login, const Checks& checks, const WaitPolicy& policy,
                       const std::string& status_file, Clock& clock, const Notify& notify);

}  // namespace dcm::db
