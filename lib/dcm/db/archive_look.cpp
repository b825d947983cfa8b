// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/archive_look.hpp>
#include <dcm/sys/beneath.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/housekeeping.hpp>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace dcm::db {

namespace {

constexpr std::size_t k_samples = 20;
constexpr const char* k_no_mount = "NO_MOUNT";

// Files below a directory of the archive.
class Search {
public:
    explicit Search(const sys::Beneath& tree) : m_tree(tree) {}

    // At most `most` of those below `path`, by name; deeper than the archive makes directories nothing is looked for.
    std::vector<std::string> files(const std::string& path, std::size_t most)
    {
        std::vector<std::string> found;
        constexpr int levels = 8;
        collect(path, most, levels, found);
        return found;
    }

    // The numbers between `least` and `greatest` that are names of directories in `path`, the greatest first.
    std::vector<std::string> numbers(const std::string& path, std::uint64_t least, std::uint64_t greatest)
    {
        auto names = m_tree.names(path).value_or(std::vector<std::string>{});
        const auto other = [&](const std::string& name) { return !parse_unsigned(name, least, greatest); };
        names.erase(std::remove_if(names.begin(), names.end(), other), names.end());
        std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
            return a.size() != b.size() ? a.size() > b.size() : a > b;
        });
        return names;
    }

private:
    void collect(const std::string& path, std::size_t most, int levels, std::vector<std::string>& found)
    {
        auto names = m_tree.names(path).value_or(std::vector<std::string>{});
        std::sort(names.begin(), names.end());
        for (const auto& name : names) {
            if (found.size() >= most || m_looks == 0) {
                return;
            }
            if (sys::is_housekeeping(name) || name == k_no_mount || !is_plain_path(name)) {
                continue;
            }
            --m_looks;
            const std::string full = path + "/" + name;
            const auto status = m_tree.look(full);
            if (status && S_ISREG(status->st_mode)) {
                found.push_back(full);
            } else if (status && S_ISDIR(status->st_mode) && levels > 0) {
                collect(full, most, levels - 1, found);
            }
        }
    }

    const sys::Beneath& m_tree;
    int m_looks = 5000;
};

// A few files of each of the last 30 days, the days in turn.
std::vector<std::string> samples_of(Search& search, std::time_t now)
{
    constexpr int days = 30;
    constexpr std::size_t of_a_day = 4;
    std::vector<std::vector<std::string>> by_day;
    for (int ago = 0; ago <= days; ++ago) {
        struct tm day {};
        const std::time_t then = now - std::time_t{86'400} * ago;
        localtime_r(&then, &day);
        const std::string path = std::to_string(day.tm_year + 1900) + "/" + std::to_string(day.tm_mon + 1) + "/" +
                                 std::to_string(day.tm_mday);
        by_day.push_back(search.files(path, of_a_day));
    }
    std::vector<std::string> samples;
    for (std::size_t round = 0; round < of_a_day; ++round) {
        for (const auto& files : by_day) {
            if (round < files.size() && samples.size() < k_samples) {
                samples.push_back(files[round]);
            }
        }
    }
    return samples;
}

bool has_any(Search& search)
{
    for (const auto& year : search.numbers(".", 1970, 9999)) {
        for (const auto& month : search.numbers(year, 1, 12)) {
            if (!search.files(std::string(year).append("/").append(month), 1).empty()) {
                return true;
            }
        }
    }
    return false;
}

bool is_absence(int error) { return error == ENOENT || error == ENOTDIR; }

}  // namespace

bool is_plain_path(const std::string& path) { return path != "." && sys::is_beneath(path) && printable(path) == path; }

Seen look_at(const Place& place, std::time_t now)
{
    Seen seen;
    sys::Fd root = sys::open_fd(place.root, O_RDONLY | O_DIRECTORY);
    if (!root) {
        seen.missing.assign(place.paths.size(), is_absence(errno));
        return seen;
    }
    const sys::Beneath tree(std::move(root), place.root);
    for (const auto& path : place.paths) {
        seen.missing.push_back(!tree.look(path) && is_absence(errno));
    }
    Search search(tree);
    seen.no_mount = tree.look(k_no_mount).has_value();
    seen.samples = samples_of(search, now);
    seen.has_files = !seen.samples.empty() || has_any(search);
    return seen;
}

std::string format_seen(const Seen& seen)
{
    std::string text{seen.no_mount ? '1' : '0', seen.has_files ? '1' : '0'};
    for (const bool missing : seen.missing) {
        text += missing ? '1' : '0';
    }
    for (const auto& sample : seen.samples) {
        text.append(1, '\0').append(sample);
    }
    return text;
}

Seen parse_seen(const std::string& text)
{
    Seen seen;
    const auto parts = split(text, '\0');
    const auto flags = parts.front();
    for (std::size_t i = 2; i < flags.size(); ++i) {
        seen.missing.push_back(flags[i] == '1');
    }
    seen.no_mount = !flags.empty() && flags[0] == '1';
    seen.has_files = flags.size() > 1 && flags[1] == '1';
    seen.samples.assign(parts.begin() + 1, parts.end());
    return seen;
}

}  // namespace dcm::db
