// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace dcm::cron {

// A short name for the job that `command`, a line for a shell, is: the program it is about, without its directory
// ("cd /x && nice -n 5 /opt/dcm/maintenance/backup-db --all" is backup-db). 1 to 24 characters of [A-Za-z0-9._+@-].
std::string job_name(std::string_view command);

// `text` as such a name; empty when nothing is left of it.
std::string as_job_name(std::string_view text);

// What stands for `command` over all its runs: 12 hexadecimal digits.
std::string job_id(const std::string& command);

}  // namespace dcm::cron
