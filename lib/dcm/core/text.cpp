// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <iomanip>
#include <limits>
#include <numeric>
#include <sstream>
#include <utility>

namespace dcm {

namespace {

struct Number {
    std::uint64_t value;
    std::string_view unit;
};

std::optional<Number> leading_number(std::string_view text)
{
    Number number{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number.value);
    if (failure != std::errc() || end == text.data()) {
        return std::nullopt;
    }
    number.unit = text.substr(static_cast<std::size_t>(end - text.data()));
    return number;
}

template <std::size_t N>
std::optional<std::uint64_t> factor_of(std::string_view unit,
                                       const std::array<std::pair<std::string_view, std::uint64_t>, N>& units)
{
    const auto found = std::find_if(units.begin(), units.end(), [&](const auto& u) { return u.first == unit; });
    return found == units.end() ? std::nullopt : std::optional(found->second);
}

std::string two_units(std::uint64_t big, const char* big_unit, std::uint64_t small, const char* small_unit)
{
    std::string text = std::to_string(big) + " " + big_unit;
    return small == 0 ? text : text + " " + std::to_string(small) + " " + small_unit;
}

}  // namespace

std::optional<std::uint64_t> parse_unsigned(std::string_view text, std::uint64_t min, std::uint64_t max)
{
    const auto number = leading_number(text);
    if (!number || !number->unit.empty() || number->value < min || number->value > max) {
        return std::nullopt;
    }
    return number->value;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 6> units{
        {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
    constexpr std::uint64_t max_ms = std::uint64_t{3650} * 86'400'000;
    const auto number = leading_number(text);
    const auto factor = number ? factor_of(number->unit, units) : std::nullopt;
    if (!factor || number->value > max_ms / *factor) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(number->value * *factor);
}

std::optional<std::chrono::milliseconds> parse_period(std::string_view text)
{
    constexpr std::chrono::milliseconds least{100};
    const auto period = parse_duration(text);
    return period && *period >= least ? period : std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> units{
        {{"", 1}, {"K", 1ULL << 10}, {"M", 1ULL << 20}, {"G", 1ULL << 30}, {"T", 1ULL << 40}}};
    auto number = leading_number(text);
    if (!number) {
        return std::nullopt;
    }
    std::string unit(number->unit);
    std::transform(unit.begin(), unit.end(), unit.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    if (ends_with(unit, "IB") && unit.size() == 3) {
        unit.resize(1);
    } else if (ends_with(unit, "B")) {
        unit.pop_back();
    }
    const auto factor = factor_of(std::string_view(unit), units);
    if (!factor || number->value > std::numeric_limits<std::uint64_t>::max() / *factor) {
        return std::nullopt;
    }
    return number->value * *factor;
}

std::string printable(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool c1 =
            byte == 0xc2 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xe0U) == 0x80;
        if (c1) {
            std::array<char, 9> escape{};
            std::snprintf(escape.data(), escape.size(), "\\xc2\\x%02x", static_cast<unsigned char>(text[++i]));
            result += escape.data();
        } else if (byte >= 0x20 && byte != 0x7f) {
            result += text[i];
        } else if (byte == '\n') {
            result += "\\n";
        } else if (byte == '\t') {
            result += "\\t";
        } else if (byte == '\r') {
            result += "\\r";
        } else {
            std::array<char, 5> escape{};
            std::snprintf(escape.data(), escape.size(), "\\x%02x", byte);
            result += escape.data();
        }
    }
    return result;
}

std::string quoted(std::string_view text) { return "'" + printable(text) + "'"; }

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0;;) {
        const auto end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end - begin));
        if (end == std::string_view::npos) {
            return parts;
        }
        begin = end + 1;
    }
}

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

bool ends_with(std::string_view text, std::string_view suffix)
{
    return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

std::string_view trim(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n\v\f";
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string human_size(std::uint64_t bytes)
{
    static constexpr std::array<const char*, 5> units{"B", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), unit > 0 && value < 9.95 ? "%.1f %s" : "%.0f %s", value, units.at(unit));
    return text.data();
}

std::string format_time(std::time_t time, const char* format, ClockOf clock)
{
    std::tm parts{};
    clock == ClockOf::utc ? gmtime_r(&time, &parts) : localtime_r(&time, &parts);
    std::ostringstream text;
    text << std::put_time(&parts, format);
    return text.str();
}

std::string human_duration(std::chrono::milliseconds duration)
{
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
    if (ms < 1000) {
        return std::to_string(ms) + " ms";
    }
    const std::uint64_t s = ms / 1000;
    if (s < 60) {
        return std::to_string(s) + " s";
    }
    if (s < 3600) {
        return two_units(s / 60, "min", s % 60, "s");
    }
    return s < 86'400 ? two_units(s / 3600, "h", s % 3600 / 60, "min")
                      : two_units(s / 86'400, "d", s % 86'400 / 3600, "h");
}

}  // namespace dcm
