// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/time_zone.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

namespace dcm::sys {

namespace {

constexpr std::string_view k_digits = "0123456789";
constexpr std::string_view k_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// Take characters of `set` off `text`; how many there were.
std::size_t take(std::string_view& text, std::string_view set)
{
    const auto size = std::min(text.find_first_not_of(set), text.size());
    text.remove_prefix(size);
    return size;
}

bool take_one(std::string_view& text, char wanted)
{
    const bool found = !text.empty() && text[0] == wanted;
    text.remove_prefix(found ? 1 : 0);
    return found;
}

bool take_name(std::string_view& text)
{
    if (!take_one(text, '<')) {
        return take(text, k_letters) >= 3;
    }
    return take(text, std::string(k_letters) + std::string(k_digits) + "+-") >= 3 && take_one(text, '>');
}

// hh[:mm[:ss]] with a sign or without
bool take_time(std::string_view& text)
{
    if (!take_one(text, '-')) {
        take_one(text, '+');
    }
    for (int part = 0; part < 3; ++part) {
        const auto digits = take(text, k_digits);
        if (digits == 0 || digits > (part == 0 ? 3U : 2U)) {
            return false;
        }
        if (!take_one(text, ':')) {
            break;
        }
    }
    return true;
}

// ,Mm.w.d[/time] or ,[J]n[/time]
bool take_rule(std::string_view& text)
{
    if (!take_one(text, ',')) {
        return false;
    }
    if (take_one(text, 'M')) {
        for (int part = 0; part < 3; ++part) {
            if ((part > 0 && !take_one(text, '.')) || take(text, k_digits) == 0) {
                return false;
            }
        }
    } else {
        take_one(text, 'J');
        if (take(text, k_digits) == 0) {
            return false;
        }
    }
    return !take_one(text, '/') || take_time(text);
}

bool is_zone_file(const std::string& path)
{
    const Fd fd = open_fd(path, O_RDONLY);
    std::array<char, 4> magic{};
    return fd && ::read(fd.get(), magic.data(), magic.size()) == 4 &&
           std::string_view(magic.data(), magic.size()) == "TZif";
}

// The zone whose name is nearest to `tz`; empty when none is near.
std::string nearest(const std::string& tz, const std::string& database)
{
    const std::string table = read_file(database + "/zone.tab").value_or("");
    std::string best;
    std::size_t distance = 4;
    for (const auto line : split(table, '\n')) {
        const auto fields = split(line, '\t');
        if (starts_with(line, "#") || fields.size() < 3) {
            continue;
        }
        if (const auto edits = edit_distance(tz, fields[2]); edits < distance) {
            distance = edits;
            best = fields[2];
        }
    }
    return best;
}

}  // namespace

bool is_posix_zone(std::string_view tz)
{
    if (!take_name(tz) || !take_time(tz)) {
        return false;
    }
    if (tz.empty()) {
        return true;
    }
    if (!take_name(tz) || (!tz.empty() && tz[0] != ',' && !take_time(tz))) {
        return false;
    }
    return tz.empty() || (take_rule(tz) && take_rule(tz) && tz.empty());
}

std::optional<std::string> zone_fault(const std::string& tz, const std::string& database)
{
    const std::string name = starts_with(tz, ":") ? tz.substr(1) : tz;
    const std::array<std::string_view, 6> same_as_nothing{"", "UTC", "GMT", "Etc/UTC", "Universal", "Zulu"};
    if (std::find(same_as_nothing.begin(), same_as_nothing.end(), name) != same_as_nothing.end() ||
        is_zone_file(starts_with(name, "/") ? name : database + "/" + name) || is_posix_zone(name)) {
        return std::nullopt;
    }
    const std::string fault = "there is no time zone " + quoted(tz) + " (TZ)";
    if (access(database.c_str(), X_OK) != 0) {
        return fault + ", nor any other; install tzdata";
    }
    const auto similar = nearest(name, database);
    return fault +
           (similar.empty() ? "; take a name such as 'Europe/Madrid'" : "; did you mean " + quoted(similar) + "?");
}

std::optional<std::string> keep_time_of_jobs()
{
    const std::string zone = env("TZ").value_or("");
    auto fault = zone_fault(zone);
    if (fault || zone.empty()) {
        unsetenv("TZ");
    }
    tzset();
    return fault;
}

}  // namespace dcm::sys
