// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dcm::cron {

struct Hint {
    std::size_t line = 0;  // from 1
    std::string text;
};

// Where the jobs of a crontab run.
struct JobWorld {
    std::string user = "root";
    std::string path;  // where the table sets no PATH
    std::string zone;  // value of TZ
};

// What in a sound crontab does not do what people expect of it, in words, with the remedy: a % that cuts the command,
// TZ and CRON_TZ, the user of an /etc/crontab line, programs that are not there, scripts that cannot be run, days of
// the month and weekdays together, dates that never come. Looks at files and users of this machine.
std::vector<Hint> hints(std::string_view table, const JobWorld& world);

}  // namespace dcm::cron
