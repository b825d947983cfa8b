// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace dcm::cron {

// What the log calls the job that `command`, a line for a shell, is: its first word, without the directory
// ("/opt/dcm/maintenance/backup --to /backup" is backup). 1 to 24 characters of [A-Za-z0-9._+@-].
std::string job_name(std::string_view command);

// `text` as such a name; empty when it is empty.
std::string as_job_name(std::string_view text);

// What stands for `command` over all its runs: 12 hexadecimal digits.
std::string job_id(const std::string& command);

}  // namespace dcm::cron
