// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::archive {

// One line of /proc/PID/stat, as far as it matters here.
struct Process {
    pid_t pid = 0;
    pid_t parent = 0;
    pid_t session = 0;
    char state = '?';
    std::string name;               // of the program, 15 characters at most
    std::uint64_t start_ticks = 0;  // with the PID it tells one process from another
};

// Parse /proc/PID/stat; a name may hold anything, blanks and parentheses included.
std::optional<Process> parse_stat(std::string_view text);

// `Process::start_ticks` of `pid`; 0 when there is no such process.
std::uint64_t start_ticks_of(pid_t pid);

// Every living process of this PID namespace; zombies, which no signal reaches, are left out.
std::vector<Process> read_processes();

// The children of `root`, theirs, and so on; parents come before their children.
std::vector<Process> descendants_of(pid_t root, const std::vector<Process>& all);

// Whether `pid` is below `root`, and not `except` or below that.
bool is_below(pid_t pid, pid_t root, pid_t except, const std::vector<Process>& all);

}  // namespace dcm::archive
