// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/log.hpp>
#include <dcm/core/names.hpp>
#include <dcm/core/text.hpp>

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace dcm::log {

namespace {

Settings g_settings;
std::vector<std::string> g_kept;
std::function<void(std::string_view)> g_sink;

constexpr std::size_t k_most_kept = 16;
constexpr std::size_t k_longest_kept = 500;

constexpr auto k_level_names = names_up_to<Level::debug>("error", "warning", "info", "debug");

}  // namespace

void configure(const Settings& settings) { g_settings = settings; }

void write(const Notice& notice)
{
    if (notice.level <= Level::warning && !notice.passing) {
        keep(trim(format_text(g_settings, notice)));
    }
    if (notice.level > g_settings.level) {
        return;
    }
    const std::string line =
        g_settings.format == Format::json ? format_json(g_settings, notice) : format_text(g_settings, notice);
    if (g_sink) {
        g_sink(line);
        return;
    }
    // A log that cannot be written has nobody left to tell.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

void send_to(std::function<void(std::string_view)> sink) { g_sink = std::move(sink); }

const std::vector<std::string>& kept() { return g_kept; }

void keep(std::string_view line)
{
    line = line.substr(0, k_longest_kept);
    if (g_kept.size() < k_most_kept && std::find(g_kept.begin(), g_kept.end(), line) == g_kept.end()) {
        g_kept.emplace_back(line);
    }
}

void error(const std::string& message) { write({Level::error, message, {}}); }
void warning(const std::string& message) { write({Level::warning, message, {}}); }
void info(const std::string& message) { write({Level::info, message, {}}); }
void debug(const std::string& message) { write({Level::debug, message, {}}); }

std::optional<Level> parse_level(std::string_view text) { return find_in<Level>(k_level_names, text); }

std::optional<Format> parse_format(std::string_view text)
{
    if (text == "text") {
        return Format::text;
    }
    return text == "json" ? std::optional(Format::json) : std::nullopt;
}

std::string_view name(Level level) { return name_in(k_level_names, level); }

std::string format_text(const Settings& settings, const Notice& notice)
{
    std::string line = settings.tool + ": ";
    if (notice.level != Level::info) {
        line.append(name(notice.level)).append(": ");
    }
    return line + printable(notice.message) + "\n";
}

}  // namespace dcm::log
