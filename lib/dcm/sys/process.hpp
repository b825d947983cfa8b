// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcm::sys {

// How a process ended: exit 15 and death by SIGTERM are different things.
class ExitStatus {
public:
    static ExitStatus exited(int code) { return {false, code}; }
    static ExitStatus killed(int signal) { return {true, signal}; }
    static ExitStatus decode(int wait_status);

    bool success() const { return !m_killed && m_value == 0; }
    std::optional<int> exit_code() const { return m_killed ? std::nullopt : std::optional(m_value); }
    std::optional<int> signal() const { return m_killed ? std::optional(m_value) : std::nullopt; }

    // As a shell tells it: the exit code, or 128+N after signal N.
    int shell_code() const { return m_killed ? 128 + m_value : m_value; }

    // "exit status 3", "killed by signal 9 (Killed)".
    std::string str() const;

private:
    ExitStatus(bool killed, int value) : m_killed(killed), m_value(value) {}

    bool m_killed;
    int m_value;
};

struct Command {
    std::vector<std::string> argv;                        // argv[0] is found through PATH
    std::string standard_input;                           // all the child gets to read; then end of file
    std::optional<std::vector<std::string>> environment;  // NAME=VALUE; left out: ours
    std::optional<std::chrono::milliseconds> timeout;     // then SIGTERM, and SIGKILL 2 s later
};

struct Output {
    ExitStatus status;
    std::string text;  // standard output and standard error, as they came
    bool timed_out = false;
};

// Run `command` to its end and take what it prints. No shell is involved; only standard streams reach the child.
// Throws Error(not_found or not_executable) when it cannot be started, Error(os_error) when the system refuses.
Output run(const Command& command);

struct Credentials {
    uid_t uid = 0;
    gid_t gid = 0;
};

// UID or UID:GID in digits (the group is then the user's number); anything else is nullopt.
std::optional<Credentials> parse_credentials(std::string_view text);

// The name of a user in /etc/passwd, which nothing but that file is asked for; "uid-N" when it has none.
std::string user_name(uid_t uid);

enum class Session { shared, own };

// What a child may beyond its user: all that we may, to read and write everybody's files (CAP_DAC_OVERRIDE, for root),
// or nothing. With the latter two nothing more is to be had through set-uid programs.
enum class Privileges { kept, file_access, none };

// A child that lives on: what it keeps of ours is spelled out, all else (signal mask, ignored signals, descriptors)
// starts as in a fresh process.
struct LongLived {
    std::vector<std::string> argv;                        // argv[0] is found through PATH
    std::optional<std::vector<std::string>> environment;  // NAME=VALUE; left out: ours
    std::string directory;                                // to start in; empty: ours
    std::vector<std::pair<int, int>> descriptors;         // {number in the child, ours}, beside 0, 1 and 2
    bool null_input = false;                              // standard input is /dev/null
    Session session = Session::shared;
    Privileges privileges = Privileges::kept;
    std::optional<Credentials> credentials;  // run as this user, without further groups
};

// Start it and return its PID; the caller reaps it. Throws as `run` does.
pid_t spawn(const LongLived& child);

// The path of `name`, a program of the toolkit that only programs call, in the directory libexec beside that of the
// running program; nullopt when it is not there.
std::optional<std::string> helper_program(const std::string& name);

// Do `action` in a child that has no capabilities and is `credentials` (left out: the same user). It ends with what
// `action` returns, 0 to 255, or with 70 when that throws. Returns the PID; the caller reaps it. Throws
// Error(os_error).
pid_t fork_as(const std::optional<Credentials>& credentials, const std::function<int()>& action);

// The same, and wait for what it returns. Throws Error(os_error) when the system refuses.
int in_child(const std::optional<Credentials>& credentials, const std::function<int()>& action);

// In a child: become `credentials` (left out: the same user) with no more than `privileges`, for good, and nobody's to
// trace. False, with errno, when the system refuses.
bool reduce_to(Privileges privileges, const std::optional<Credentials>& credentials);

// The path of program `name` (found through PATH unless it has a slash); nullopt when there is none.
std::optional<std::string> find_in_path(const std::string& name);

}  // namespace dcm::sys
