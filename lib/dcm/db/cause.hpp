// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/error.hpp>
#include <dcm/core/export.hpp>
#include <dcm/datasource/settings.hpp>

#include <string>
#include <string_view>

namespace dcm::db {

// Why a login does not work.
enum class Cause {
    unknown_host,      // the name does not resolve
    refused,           // nobody listens there
    timed_out,         // no answer
    not_ready,         // something answers, but no login yet: starting up, too many connections, closed at once
    host_blocked,      // the server blocks this client after failed handshakes
    access_denied,     // user or password
    no_right,          // the login works, the database is out of its reach
    unknown_database,  // no such database
    auth_plugin,       // the login needs what the client cannot do
    tls,
    other,
};

// A failed attempt: what it was, in the server's words, and the server's error number.
struct Failure {
    Cause cause = Cause::other;
    int number = 0;
    std::string detail;  // no secret in it
};

// Short name for machines: the `cause` field of the JSON log.
DCM_API std::string_view name(Cause cause);

// True when only a person can mend it: waiting alone will not.
DCM_API bool needs_a_person(Cause cause);

// True while nothing that could count a failed login listens: looking often does no harm.
DCM_API bool is_unreachable(Cause cause);

// The exit status that says so under --once and --fail-fast.
DCM_API ExitCode exit_code(Cause cause);

// The cause of a client or server error number (MySQL's and MariaDB's are the same).
DCM_API Cause cause_of(int number);

// One line: what is wrong, with what, and how to mend it.
DCM_API std::string explain(const Failure& failure, const datasource::Login& login);

}  // namespace dcm::db
