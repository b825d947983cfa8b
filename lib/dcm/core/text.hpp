// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm {

// Decimal digits only, no sign, no blanks, within [`min`, `max`]; anything else is nullopt.
std::optional<std::uint64_t> parse_unsigned(std::string_view text, std::uint64_t min, std::uint64_t max);

// A whole number with unit ms, s, m, h or d; without a unit, seconds. At most 3650 days. "0" is zero.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// A duration after which something is done again and again: at least 100 ms, so that nothing is done without a pause.
std::optional<std::chrono::milliseconds> parse_period(std::string_view text);

// A whole number of bytes, or with K, M, G or T (powers of 1024; a trailing B or iB is fine).
std::optional<std::uint64_t> parse_size(std::string_view text);

// `text` with control characters (C0, DEL, C1 in UTF-8) as \n, \t, \r or \xNN, so that it stays one line anywhere.
std::string printable(std::string_view text);

// `printable` in single quotes: how a value is named in a message.
std::string quoted(std::string_view text);

// How many single-character edits, or swaps of neighbours, lead from `a` to `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

// ASCII letters only.
std::string lower(std::string_view text);

std::vector<std::string_view> split(std::string_view text, char separator);
bool starts_with(std::string_view text, std::string_view prefix);
bool ends_with(std::string_view text, std::string_view suffix);
std::string_view trim(std::string_view text);

// "1.5 GB", "60 MB", "812 kB": for people, powers of 1000.
std::string human_size(std::uint64_t bytes);

// `time` as strftime(3) writes it by `format`.
enum class ClockOf { here, utc };
[[gnu::format(strftime, 2, 0)]] std::string format_time(std::time_t time, const char* format, ClockOf clock);

// "850 ms", "12 s", "3 min 20 s", "2 h 5 min", "3 d 4 h": for people.
std::string human_duration(std::chrono::milliseconds duration);

}  // namespace dcm
