// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/process_table.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace dcm::archive {

namespace {

pid_t to_pid(std::string_view text) { return static_cast<pid_t>(parse_unsigned(text, 0, 1U << 30U).value_or(0)); }

}  // namespace

std::optional<Process> parse_stat(std::string_view text)
{
    const auto open = text.find('(');
    const auto close = text.rfind(") ");
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return std::nullopt;
    }
    const auto fields = split(text.substr(close + 2), ' ');  // state, parent, group, session, …
    if (fields.size() < 4 || fields[0].empty()) {
        return std::nullopt;
    }
    Process process;
    process.pid = to_pid(trim(text.substr(0, open)));
    process.name = text.substr(open + 1, close - open - 1);
    process.state = fields[0][0];
    process.parent = to_pid(fields[1]);
    process.session = to_pid(fields[3]);
    process.start_ticks = fields.size() > 19 ? parse_unsigned(fields[19], 0, UINT64_MAX).value_or(0) : 0;
    return process;
}

std::uint64_t start_ticks_of(pid_t pid)
{
    const auto process = parse_stat(sys::read_or_empty("/proc/" + std::to_string(pid) + "/stat"));
    return process ? process->start_ticks : 0;
}

std::vector<Process> read_processes()
{
    std::vector<Process> result;
    for (const auto& name : sys::read_directory("/proc").value_or(std::vector<std::string>{})) {
        if (to_pid(name) == 0) {
            continue;
        }
        const sys::Fd fd = sys::open_fd("/proc/" + name + "/stat", O_RDONLY);
        std::array<char, 512> buffer{};
        const auto got = fd ? ::read(fd.get(), buffer.data(), buffer.size()) : -1;
        auto process = got > 0 ? parse_stat({buffer.data(), static_cast<std::size_t>(got)}) : std::nullopt;
        if (process && process->state != 'Z' && process->state != 'X') {
            result.push_back(std::move(*process));
        }
    }
    return result;
}

std::vector<Process> descendants_of(pid_t root, const std::vector<Process>& all)
{
    std::vector<Process> found;
    std::vector<pid_t> parents{root};
    for (std::size_t next = 0; next < parents.size(); ++next) {
        for (const auto& process : all) {
            if (process.parent == parents[next]) {
                found.push_back(process);
                parents.push_back(process.pid);
            }
        }
    }
    return found;
}

bool is_below(pid_t pid, pid_t root, pid_t except, const std::vector<Process>& all)
{
    for (std::size_t steps = 0; steps < all.size() && pid != except; ++steps) {
        const auto found = std::find_if(all.begin(), all.end(), [pid](const Process& p) { return p.pid == pid; });
        if (found == all.end() || found->parent == root) {
            return found != all.end();
        }
        pid = found->parent;
    }
    return false;
}

}  // namespace dcm::archive
