// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace dcm::sys {

// Whether `program` is one of this toolkit, by its name.
bool is_tool(const std::string& program);

// Become `argv` (found through PATH): same PID, same environment, no descriptor of ours left behind.
// When the program is one of the toolkit's own (its name begins with "dcm-"), SIGTERM and SIGINT stay blocked across
// the exec and count once it listens: PID 1 would lose them in between. Returns only by throwing Error(not_found) or
// Error(not_executable).
[[noreturn]] void exec_command(const std::vector<std::string>& argv);

}  // namespace dcm::sys
