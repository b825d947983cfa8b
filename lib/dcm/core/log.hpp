// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::log {

enum class Format { text, json };

struct Settings {
    std::string tool;
    Level level = Level::info;
    Format format = Format::text;
};

// Set once at the start of a command, before any thread.
void configure(const Settings& settings);

// Write `notice` to standard error as one line with one write(2). Text: "dcm-wait-db: warning: MESSAGE", without a
// time (the container engine adds it). JSON: time (UTC, RFC 3339, microseconds), level, tool, pid, msg, then the
// fields. Control characters are escaped, so that a hostile value cannot forge a line.
void write(const Notice& notice);

// From here on lines, newline included, go to `sink` instead of standard error; an empty one takes that back.
void send_to(std::function<void(std::string_view line)> sink);

// The warnings and errors `write` was given, but for passing ones, whatever the level that is written: each once,
// "dcm-cron-load: error: MESSAGE", at most 16. `keep` puts those of an earlier command among them.
const std::vector<std::string>& kept();
void keep(std::string_view line);

void error(const std::string& message);
void warning(const std::string& message);
void info(const std::string& message);
void debug(const std::string& message);

std::optional<Level> parse_level(std::string_view text);
std::optional<Format> parse_format(std::string_view text);
std::string_view name(Level level);

// Now, in UTC, as RFC 3339 with microseconds: "2026-11-25T08:00:00.000000Z".
std::string utc_now();

// The line `write` would write, newline included. For tests and for other sinks.
std::string format_text(const Settings& settings, const Notice& notice);
std::string format_json(const Settings& settings, const Notice& notice);

}  // namespace dcm::log
