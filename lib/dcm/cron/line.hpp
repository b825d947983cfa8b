// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <string>
#include <string_view>

namespace dcm::cron {

// When a job runs, as cron keeps it.
struct Schedule {
    std::bitset<60> minutes;
    std::bitset<24> hours;
    std::bitset<32> days;        // of the month, from 1
    std::bitset<13> months;      // from 1
    std::bitset<8> weekdays;     // Sunday is 0 and 7
    bool any_day = false;        // the day of the month begins with *: the weekday decides alone
    bool any_weekday = false;    // and the other way round; with neither, one that fits is enough
    bool follows_clock = false;  // minute or hour begins with *: not made up for when the clock is put forward
    bool at_start = false;       // @reboot: when cron starts, never by the clock
};

// One line of a user's crontab.
struct Line {
    enum class Kind { nothing, setting, job, bad };

    Kind kind = Kind::nothing;
    std::string name;   // of a setting
    std::string value;  // of a setting
    Schedule schedule;
    std::string when;     // of a job, as written
    std::string command;  // of a job, as written
};

// What cron makes of `text`, a line without its newline. `bad` is what `crontab` refuses: it has the last word, and a
// test holds the two together.
Line parse_line(std::string_view text);

// What cron hands to the shell of a job's command: up to the first % (what follows is its input), with \% and
// \\ undone.
std::string shell_command(std::string_view command);

// Whether an unescaped % cuts the command.
bool has_input(std::string_view command);

}  // namespace dcm::cron
