// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/cron/crontab.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/process.hpp>

#include <unistd.h>

#include <cerrno>

namespace dcm::cron {

namespace {

using namespace std::chrono_literals;

sys::Output crontab(std::vector<std::string> arguments, const std::string& user, std::string input)
{
    std::vector<std::string> argv{"crontab"};
    if (!user.empty() && geteuid() == 0) {
        argv.insert(argv.end(), {"-u", user});
    }
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return sys::run({argv, std::move(input), std::nullopt, 10s});
}

struct Verdict {
    std::size_t line;  // as crontab counts: the bad one, or the one before it
    std::string reason;
};

// "-":3: bad minute
std::optional<Verdict> parse_verdict(std::string_view output)
{
    for (const auto line : split(output, '\n')) {
        if (!starts_with(line, "\"-\":")) {
            continue;
        }
        const auto rest = line.substr(4);
        const auto colon = rest.find(':');
        const auto number = parse_unsigned(rest.substr(0, colon), 0, 1U << 30U);
        if (number && colon != std::string_view::npos) {
            return Verdict{*number, std::string(trim(rest.substr(colon + 1)))};
        }
    }
    return std::nullopt;
}

Error refusal(const sys::Output& output)
{
    return Error(ExitCode::unavailable, "'crontab' refuses to work (" + output.status.str() +
                                            "): " + printable(trim(output.text)) + "; is cron installed completely?");
}

// The verdict on `table`; nullopt when it is sound.
std::optional<Verdict> judge(const std::string& table)
{
    const auto output = crontab({"-n", "-"}, {}, table);
    if (output.status.success()) {
        return std::nullopt;
    }
    auto verdict = parse_verdict(output.text);
    if (!verdict) {
        throw refusal(output);
    }
    return verdict;
}

}  // namespace

std::vector<BadLine> bad_lines(const std::string& table, std::size_t limit)
{
    std::vector<BadLine> found;
    const auto lines = split(table, '\n');
    std::size_t first = 0;  // index of the first line not judged yet
    std::size_t begin = 0;  // and where it begins
    while (found.size() < limit) {
        const auto verdict = judge(table.substr(begin));
        if (!verdict) {
            break;
        }
        // crontab's count is one short when it stops in the middle of a line: the candidate that is bad alone is it.
        const std::size_t stated = first + verdict->line;
        const bool is_stated =
            verdict->line > 0 && stated <= lines.size() && judge(std::string(lines[stated - 1]) + "\n");
        const std::size_t bad = is_stated ? stated : stated + 1;
        if (bad > lines.size()) {
            found.push_back({stated, {}, verdict->reason});
            break;
        }
        found.push_back({bad, std::string(lines[bad - 1]), verdict->reason});
        while (first < bad) {
            begin += lines[first++].size() + 1;
        }
        if (begin >= table.size()) {
            break;
        }
    }
    return found;
}

bool install(const std::string& table, const std::string& user)
{
    const auto output = crontab({"-"}, user, table);
    if (!output.status.success() && !parse_verdict(output.text)) {
        throw refusal(output);
    }
    return output.status.success();
}

std::optional<std::string> installed_table(const std::string& spool, const std::string& user)
{
    const std::string path = spool + "/" + user;
    if (access(path.c_str(), R_OK) == 0 || errno == ENOENT) {
        return sys::read_file(path);
    }
    auto output = crontab({"-l"}, user, {});
    return output.status.success() ? std::optional(std::move(output.text)) : std::nullopt;
}

}  // namespace dcm::cron
