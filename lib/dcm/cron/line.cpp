// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/cron/line.hpp>

#include <strings.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>

namespace dcm::cron {

namespace {

// Limits of Debian's cron 3.0pl1.
constexpr std::size_t k_max_setting = 998;
constexpr std::size_t k_max_command = 998;
constexpr std::size_t k_max_word = 998;

// cron keeps characters in a signed char at two places, where this one becomes its end of file.
constexpr char k_taken_for_end = '\xFF';

constexpr std::array<const char*, 12> k_months{"jan", "feb", "mar", "apr", "may", "jun",
                                               "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<const char*, 8> k_weekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"};

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

void skip_blanks(std::string_view& text)
{
    while (!text.empty() && is_blank(text[0])) {
        text.remove_prefix(1);
    }
}

void skip_spaces(std::string_view& text)
{
    while (!text.empty() && is_space(text[0])) {
        text.remove_prefix(1);
    }
}

bool take(std::string_view& text, char wanted)
{
    const bool found = !text.empty() && text[0] == wanted;
    text.remove_prefix(found ? 1 : 0);
    return found;
}

// --- Settings

bool is_quote(std::string_view text) { return !text.empty() && (text[0] == '"' || text[0] == '\''); }

// The text between quotes, which are taken off with it; nullopt when the second is missing or `forbidden` comes first.
std::optional<std::string_view> take_quoted(std::string_view& text, char forbidden)
{
    const char quote = text[0];
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == quote) {
            const auto content = text.substr(1, i - 1);
            text.remove_prefix(i + 1);
            return content;
        }
        if (text[i] == forbidden) {
            break;
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> take_name(std::string_view& text)
{
    if (is_quote(text)) {
        return take_quoted(text, '=');
    }
    const auto end = std::find_if(text.begin(), text.end(), [](char c) { return c == '=' || is_space(c); });
    const auto name = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(name.size());
    return name;
}

std::optional<std::string> take_value(std::string_view text)
{
    if (text.empty()) {
        return std::nullopt;
    }
    if (is_quote(text)) {
        const auto content = take_quoted(text, '\0');
        skip_spaces(text);
        return content && text.empty() ? std::optional(std::string(*content)) : std::nullopt;
    }
    while (is_space(text.back())) {
        text.remove_suffix(1);
    }
    return std::string(text);
}

std::optional<Line> parse_setting(std::string_view text)
{
    text = text.substr(0, k_max_setting);
    const auto name = take_name(text);
    skip_spaces(text);
    if (!name || !take(text, '=')) {
        return std::nullopt;
    }
    skip_spaces(text);
    const auto value = take_value(text);
    if (!value) {
        return std::nullopt;
    }
    Line line;
    line.kind = Line::Kind::setting;
    line.name = *name;
    line.value = *value;
    return line;
}

// --- Jobs

// A number or, from `names`, a name that stands for `low` and up.
template <std::size_t N>
std::optional<int> take_number(std::string_view& text, int low, const std::array<const char*, N>& names)
{
    const auto end = std::find_if_not(text.begin(), text.end(), is_alnum);
    const std::string word(text.begin(), end);
    text.remove_prefix(word.size());
    if (word.empty() || word.size() > k_max_word) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (strcasecmp(names.at(i), word.c_str()) == 0) {
            return low + static_cast<int>(i);
        }
    }
    if (!std::all_of(word.begin(), word.end(), is_digit)) {
        return std::nullopt;
    }
    // As atoi does it: 4294967296 is 0 to cron.
    return static_cast<int>(std::strtol(word.c_str(), nullptr, 10));
}

constexpr std::array<const char*, 0> k_no_names{};

struct Range {
    int first;
    int last;
    int step = 1;
};

template <std::size_t N>
std::optional<Range> take_range(std::string_view& text, int low, int high, const std::array<const char*, N>& names)
{
    Range range{low, high};
    if (!take(text, '*')) {
        const auto first = take_number(text, low, names);
        if (!first) {
            return std::nullopt;
        }
        range = {*first, *first};
        if (!take(text, '-')) {
            const bool step_without_range = !text.empty() && text[0] == '/';
            return step_without_range || *first < low || *first > high ? std::nullopt : std::optional(range);
        }
        const auto last = take_number(text, low, names);
        if (!last) {
            return std::nullopt;
        }
        range.last = *last;
    }
    if (take(text, '/')) {
        const auto step = take_number(text, 0, k_no_names);
        if (!step || *step <= 0) {
            return std::nullopt;
        }
        range.step = *step;
    }
    const auto outside = [low, high](int value) { return value < low || value > high; };
    return outside(range.first) || outside(range.last) ? std::nullopt : std::optional(range);
}

// A list of ranges; what stands behind it up to the next blank is passed over, as cron does.
template <std::size_t Size, std::size_t N>
bool take_field(std::string_view& text, std::bitset<Size>& set, int low, int high,
                const std::array<const char*, N>& names)
{
    do {
        const auto range = take_range(text, low, high, names);
        if (!range) {
            return false;
        }
        for (long value = range->first; value <= range->last; value += range->step) {
            set.set(static_cast<std::size_t>(value));
        }
    } while (take(text, ','));
    if (!text.empty() && text[0] == k_taken_for_end) {
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_blank) - text.begin()));
    skip_blanks(text);
    return text.empty() || text[0] != k_taken_for_end;
}

bool begins_with_star(std::string_view text) { return !text.empty() && text[0] == '*'; }

bool take_fields(std::string_view& text, Schedule& schedule)
{
    schedule.follows_clock = begins_with_star(text);
    if (!take_field(text, schedule.minutes, 0, 59, k_no_names)) {
        return false;
    }
    schedule.follows_clock = schedule.follows_clock || begins_with_star(text);
    if (!take_field(text, schedule.hours, 0, 23, k_no_names)) {
        return false;
    }
    schedule.any_day = begins_with_star(text);
    if (!take_field(text, schedule.days, 1, 31, k_no_names) || !take_field(text, schedule.months, 1, 12, k_months)) {
        return false;
    }
    schedule.any_weekday = begins_with_star(text);
    return take_field(text, schedule.weekdays, 0, 7, k_weekdays);
}

bool take_nickname(std::string_view& text, Schedule& schedule)
{
    const auto name = text.substr(0, text.find_first_of(" \t"));
    text.remove_prefix(name.size());
    skip_blanks(text);
    schedule.at_start = name == "@reboot";
    struct Nickname {
        std::string_view name;
        std::string_view fields;
    };
    constexpr std::array<Nickname, 7> k_nicknames{{{"@yearly", "0 0 1 1 *"},
                                                   {"@annually", "0 0 1 1 *"},
                                                   {"@monthly", "0 0 1 * *"},
                                                   {"@weekly", "0 0 * * 0"},
                                                   {"@daily", "0 0 * * *"},
                                                   {"@midnight", "0 0 * * *"},
                                                   {"@hourly", "0 * * * *"}}};
    const auto* const known = std::find_if(k_nicknames.begin(), k_nicknames.end(),
                                           [&name](const Nickname& nickname) { return nickname.name == name; });
    if (known == k_nicknames.end()) {
        return schedule.at_start;
    }
    std::string_view fields = known->fields;
    return take_fields(fields, schedule);
}

Line parse_job(std::string_view text)
{
    Line line;
    line.kind = Line::Kind::bad;
    std::string_view rest = text;
    const bool sound = begins_with_star(text) || text[0] != '@' ? take_fields(rest, line.schedule)
                                                                : take_nickname(rest, line.schedule);
    if (!sound || begins_with_star(rest) || rest.size() > k_max_command) {
        return line;
    }
    if (line.schedule.weekdays[0] || line.schedule.weekdays[7]) {
        line.schedule.weekdays.set(0).set(7);
    }
    line.kind = Line::Kind::job;
    line.when = trim(text.substr(0, text.size() - rest.size()));
    line.command = rest;
    return line;
}

}  // namespace

Line parse_line(std::string_view text)
{
    skip_blanks(text);
    if (text.empty() || text[0] == '#') {
        return {};
    }
    if (auto setting = parse_setting(text)) {
        return *setting;
    }
    return parse_job(text);
}

std::string shell_command(std::string_view command)
{
    std::string result;
    bool escaped = false;
    for (const char c : command) {
        if (escaped && (c == '%' || c == '\\')) {
            result.back() = c;
        } else if (c == '%') {
            break;
        } else {
            result.push_back(c);
        }
        escaped = !escaped && c == '\\';
    }
    return result;
}

bool has_input(std::string_view command)
{
    bool escaped = false;
    for (const char c : command) {
        if (c == '%' && !escaped) {
            return true;
        }
        escaped = !escaped && c == '\\';
    }
    return false;
}

}  // namespace dcm::cron
