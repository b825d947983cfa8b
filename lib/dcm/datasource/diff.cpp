// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/datasource/diff.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace dcm::datasource {

namespace {

constexpr std::size_t k_context = 3;

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text)
{
    Lines lines = split(text, '\n');
    if (lines.back().empty()) {
        lines.pop_back();  // behind the last line end
    }
    return lines;
}

struct Step {
    char sign;           // ' ', '-' or '+'
    std::size_t before;  // number of the line there, from 0, or of the next one
    std::size_t after;
};

// Length of the longest common subsequence of the ends of `a` and `b`, by where these ends begin.
std::vector<std::vector<std::size_t>> common_lengths(const Lines& a, const Lines& b)
{
    std::vector<std::vector<std::size_t>> length(a.size() + 1, std::vector<std::size_t>(b.size() + 1, 0));
    for (std::size_t i = a.size(); i-- > 0;) {
        for (std::size_t j = b.size(); j-- > 0;) {
            length[i][j] = a[i] == b[j] ? length[i + 1][j + 1] + 1 : std::max(length[i + 1][j], length[i][j + 1]);
        }
    }
    return length;
}

// What lies between the equal beginning and the equal end is small: settings are changed, not files rewritten. Where it
// is not, all of it is shown.
void compare_middle(const Lines& a, const Lines& b, std::size_t head, std::vector<Step>& steps)
{
    constexpr std::size_t limit = 4'000'000;
    const bool compared = a.size() * b.size() <= limit;
    const auto length = compared ? common_lengths(a, b) : std::vector<std::vector<std::size_t>>{};
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
        const bool both = i < a.size() && j < b.size();
        if (compared && both && a[i] == b[j]) {
            steps.push_back({' ', head + i++, head + j++});
        } else if (i < a.size() && (!compared || !both || length[i + 1][j] >= length[i][j + 1])) {
            steps.push_back({'-', head + i++, head + j});
        } else {
            steps.push_back({'+', head + i, head + j++});
        }
    }
}

std::vector<Step> steps_of(const Lines& a, const Lines& b)
{
    const std::size_t shorter = std::min(a.size(), b.size());
    std::size_t head = 0;
    while (head < shorter && a[head] == b[head]) {
        ++head;
    }
    std::size_t tail = 0;
    while (tail < shorter - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
        ++tail;
    }
    const auto middle = [&](const Lines& lines) {
        return Lines(lines.begin() + static_cast<std::ptrdiff_t>(head),
                     lines.end() - static_cast<std::ptrdiff_t>(tail));
    };
    std::vector<Step> steps;
    for (std::size_t i = 0; i < head; ++i) {
        steps.push_back({' ', i, i});
    }
    compare_middle(middle(a), middle(b), head, steps);
    for (std::size_t i = tail; i > 0; --i) {
        steps.push_back({' ', a.size() - i, b.size() - i});
    }
    return steps;
}

std::string range(std::size_t first, std::size_t count)
{
    return std::to_string(count == 0 ? first : first + 1) + "," + std::to_string(count);
}

std::string line_of(std::string_view line)
{
    return printable(ends_with(line, "\r") ? line.substr(0, line.size() - 1) : line);
}

}  // namespace

std::string unified_diff(const Version& before, const Version& after, const std::string& path)
{
    const auto steps = steps_of(lines_of(before.text), lines_of(after.text));
    const Lines old_lines = lines_of(before.shown);
    const Lines new_lines = lines_of(after.shown);
    const auto next_change = [&](std::size_t from) {
        return static_cast<std::size_t>(std::find_if(steps.begin() + static_cast<std::ptrdiff_t>(from), steps.end(),
                                                     [](const Step& step) { return step.sign != ' '; }) -
                                        steps.begin());
    };
    std::string text;
    for (std::size_t change = next_change(0); change < steps.size();) {
        const std::size_t begin = change - std::min(change, k_context);
        std::size_t end = change + 1;
        while (next_change(end) < std::min(steps.size(), end + 2 * k_context)) {
            end = next_change(end) + 1;
        }
        change = next_change(end);
        end = std::min(steps.size(), end + k_context);
        std::string body;
        std::size_t old_count = 0;
        std::size_t new_count = 0;
        for (std::size_t i = begin; i < end; ++i) {
            const Step& step = steps[i];
            old_count += step.sign != '+' ? 1 : 0;
            new_count += step.sign != '-' ? 1 : 0;
            body += step.sign + line_of(step.sign == '+' ? new_lines[step.after] : old_lines[step.before]) + "\n";
        }
        text += "@@ -" + range(steps[begin].before, old_count) + " +" + range(steps[begin].after, new_count) + " @@\n" +
                body;
    }
    return text.empty() ? text : "--- " + printable(path) + "\n+++ " + printable(path) + "\n" + text;
}

}  // namespace dcm::datasource
