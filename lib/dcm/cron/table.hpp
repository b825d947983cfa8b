// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dcm::cron {

// A crontab file as cron needs it, and what had to be repaired for that, in words.
struct Normalised {
    std::string text;
    std::vector<std::string> repairs;
};

// Take away what editors on Windows add (byte order mark, carriage returns) and add a missing newline at the end.
// Idempotent; lines keep their numbers. Throws Error(data_error) for UTF-16 and for zero bytes, which cron would cut
// lines at; `name` is the file's, for messages.
Normalised normalise(std::string_view text, const std::string& name);

// Whether anything but comments and blank lines is in it.
bool has_entries(std::string_view text);

// The table to install: `text` under a first line that carries its checksum. With `job_shell`, the path of a program,
// cron gives it every job; the SHELL lines of the file then choose `k_job_shell`, the shell that it hands the job to,
// and PATH is the container's unless the file sets one.
std::string render(std::string_view text, const std::string& job_shell);

// An installed table without the three lines that Debian's crontab puts on top.
std::string_view without_banner(std::string_view installed);

// Whether an installed table (banner taken off) is as `render` made it; false once somebody changed it.
bool is_rendered(std::string_view table);

}  // namespace dcm::cron
