// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/secret.hpp>
#include <dcm/core/text.hpp>
#include <dcm/cron/environment.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/file.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <map>

namespace dcm::cron {

namespace {

std::string_view name_of(std::string_view entry) { return entry.substr(0, entry.find('=')); }

std::string_view value_of(std::string_view entry)
{
    return entry.substr(std::min(name_of(entry).size() + 1, entry.size()));
}

bool is_of_the_process(std::string_view name)
{
    constexpr std::array<std::string_view, 11> k_names{"HOME",   "LOGNAME", "USER", "SHELL", "MAIL",        "PWD",
                                                       "OLDPWD", "SHLVL",   "_",    "TERM",  "_DCM_LOCK_FD"};
    return std::find(k_names.begin(), k_names.end(), name) != k_names.end();
}

void make_directory(const std::string& path, mode_t mode)
{
    // The umask takes part in mkdir.
    if (mkdir(path.c_str(), mode) == 0 ? chmod(path.c_str(), mode) != 0 : errno != EEXIST) {
        throw system_error("cannot create " + quoted(path), errno, ExitCode::cant_create);
    }
}

}  // namespace

void publish_environment(const Environment& environment, const std::string& directory)
{
    Environment all;
    std::copy_if(environment.begin(), environment.end(), std::back_inserter(all),
                 [](const std::string& entry) { return !is_of_the_process(name_of(entry)); });
    Environment open;
    std::copy_if(all.begin(), all.end(), std::back_inserter(open),
                 [](const std::string& entry) { return !is_secret(entry); });
    make_directory(directory, 0755);
    sys::write_file_atomically(directory + "/env", format_environment(all), 0600);
    sys::write_file_atomically(directory + "/env.public", format_environment(open), 0644);
}

bool is_environment_published(const std::string& directory)
{
    return access((directory + "/env.public").c_str(), F_OK) == 0;
}

Environment read_environment(const std::string& directory)
{
    const std::string all = directory + "/env";
    const auto text = sys::read_file(access(all.c_str(), R_OK) == 0 ? all : directory + "/env.public");
    return parse_environment(text.value_or(""));
}

std::string format_environment(const Environment& environment)
{
    std::string text;
    for (const auto& entry : environment) {
        text.append(entry).push_back('\0');
    }
    return text;
}

Environment parse_environment(std::string_view text)
{
    Environment result;
    for (const auto entry : split(text, '\0')) {
        if (!name_of(entry).empty() && name_of(entry).size() < entry.size()) {
            result.emplace_back(entry);
        }
    }
    return result;
}

Environment job_environment(const Environment& container, const Environment& given, const std::string& shell)
{
    std::map<std::string_view, std::string_view> merged;
    for (const auto& entry : container) {
        merged[name_of(entry)] = value_of(entry);
    }
    for (const auto& entry : given) {
        if (entry != "PATH=" + std::string(k_container_path)) {
            merged[name_of(entry)] = value_of(entry);
        }
    }
    merged["SHELL"] = shell;
    merged.emplace("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    Environment result;
    for (const auto& [name, value] : merged) {
        result.push_back(std::string(name).append("=").append(value));
    }
    return result;
}

}  // namespace dcm::cron
