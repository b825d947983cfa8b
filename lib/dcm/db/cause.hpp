// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/error.hpp>
#include <dcm/datasource/login.hpp>

#include <string>
#include <string_view>

namespace dcm::db {

// Why the archive cannot use the database yet.
enum class Cause {
    unknown_host,      // the name does not resolve
    refused,           // nobody listens there
    timed_out,         // no answer
    no_greeting,       // something listens, but closes at once or says nothing: a proxy, a server about to start
    not_ready,         // a server that takes no login: starting, stopping, too many connections
    host_blocked,      // the server blocks this client after failed handshakes
    access_denied,     // user or password
    no_right,          // the login works, the database is out of its reach
    read_only,         // the login works, the server or the database is only read: a replica
    unknown_database,  // no such database
    auth_plugin,       // the login needs what the client cannot do
    tls,
    driver,           // this client can log in, JBoss's JDBC driver cannot
    schema_absent,    // none of the archive's tables is there
    schema_partial,   // some are, or their first rows are not
    archive_missing,  // the database knows files that the archive directory does not have
    wrong_database,   // the archive directory has files that the database does not know
    other,
};

// What failed: the cause, in the server's words, and the server's error number.
struct Failure {
    Cause cause = Cause::other;
    int number = 0;
    std::string detail;   // no secret in it; the whole message where no login failed (see explain)
    int connections = 1;  // how many addresses were tried
};

// Short name for machines: the `cause` field of the JSON log and of the status file.
std::string_view name(Cause cause);

// True when only a person can fix it: waiting alone will not.
bool needs_a_person(Cause cause);

// True while nothing that could count a failed login listens: looking often does no harm.
bool is_unreachable(Cause cause);

// True when the connection itself is gone, whatever was asked on it: logging in again is the way on.
bool is_lost_connection(Cause cause);

// The exit status that says so under --once and --fail-fast.
ExitCode exit_code(Cause cause);

// The cause of a client or server error number (MySQL's and MariaDB's are the same).
Cause cause_of(int number);

// One line: what is wrong, with what, and how to fix it.
std::string explain(const Failure& failure, const datasource::Login& login);

}  // namespace dcm::db
