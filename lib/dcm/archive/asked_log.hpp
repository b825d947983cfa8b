// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/settings.hpp>
#include <dcm/archive/started_line.hpp>
#include <dcm/core/notice.hpp>

#include <string>
#include <vector>

namespace dcm::archive {

// What is asked of the server's log while no server runs: in a child with the server's rights, who reaches nothing that
// the server could not reach itself, and with a limit of 10 s, since the volume may never answer.

// Keep it before the server truncates it; where it ends then. Throws Error(temp_fail) when the volume does not answer:
// a server that were started now would wait for it. nullopt, with a warning, when it cannot be looked at.
std::optional<LogEnd> keep_log(const Settings& settings, const Notify& notify);

// Its last ten lines.
std::vector<std::string> last_lines_of_log(const Settings& settings);

}  // namespace dcm::archive
