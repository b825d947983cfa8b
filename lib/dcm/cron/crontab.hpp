// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace dcm::cron {

struct BadLine {
    std::size_t number = 0;  // from 1
    std::string text;
    std::string reason;  // cron's own words
};

// Every line of `table` that cron's own `crontab -n` refuses, as far as `limit`; empty: the table is sound.
// Throws Error(unavailable) when crontab says something else than that a line is bad, Error(not_found) without cron.
std::vector<BadLine> bad_lines(const std::string& table, std::size_t limit = 50);

// Install `table` as the whole crontab of `user` through `crontab`, which checks it once more. False when crontab finds
// a bad line; the old table then stays. Throws as `bad_lines` does.
bool install(const std::string& table, const std::string& user);

// The table of `user` as installed, banner included; nullopt when there is none. `spool` is cron's directory of tables,
// read when it can be and asked of `crontab -l` otherwise.
std::optional<std::string> installed_table(const std::string& spool, const std::string& user);

}  // namespace dcm::cron
