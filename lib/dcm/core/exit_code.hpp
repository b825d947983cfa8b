// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace dcm {

// Exit statuses of every command, named after <sysexits.h>. Our own failures never use 1, 2 or 125 (shells and
// container engines do), so that a child's status, which is passed on unchanged, stays recognisable.
enum class ExitCode : int {
    ok = 0,
    usage = 64,        // bad command line
    data_error = 65,   // malformed input
    no_input = 66,     // input missing or unreadable
    unavailable = 69,  // permanent refusal by a service or a file system
    software = 70,     // uncaught exception: a bug
    os_error = 71,     // fork, pipe and the like
    cant_create = 73,  // output cannot be created
    io_error = 74,     // read or write failed
    temp_fail = 75,    // timed out; a restart may help
    no_permission = 77,
    config = 78,  // missing or contradictory settings
    not_executable = 126,
    not_found = 127,
};

constexpr int to_int(ExitCode code) { return static_cast<int>(code); }

}  // namespace dcm
