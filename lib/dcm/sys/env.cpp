// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>

#include <unistd.h>

#include <cstdlib>

namespace dcm::sys {

std::optional<std::string> env(const std::string& name)
{
    const char* const value = std::getenv(name.c_str());
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

std::vector<std::string> environment()
{
    std::vector<std::string> entries;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        entries.emplace_back(*entry);
    }
    return entries;
}

std::optional<std::string> env_secret(const std::string& name)
{
    const std::string file_variable = name + "_FILE";
    const auto value = env(name);
    const auto path = env(file_variable);
    if (value && path) {
        throw Error(ExitCode::config, "both " + name + " and " + file_variable + " are set; keep one of them");
    }
    return path ? std::optional(read_secret_file(*path, file_variable)) : value;
}

std::string read_secret_file(const std::string& path, const std::string& origin)
{
    constexpr std::uint64_t max_bytes = 64ULL * 1024;
    auto content = read_file(path, max_bytes);
    if (!content) {
        throw Error(ExitCode::no_input,
                    "cannot read " + quoted(path) + ": no such file; " + origin + " names it, mount the secret there");
    }
    const auto refusal = [&](const std::string& why) {
        return Error(ExitCode::config, "cannot use " + quoted(path) + ", which " + origin + " names: " + why);
    };
    if (starts_with(*content, "\xff\xfe") || starts_with(*content, "\xfe\xff")) {
        throw refusal("it is UTF-16; save it as UTF-8");
    }
    if (starts_with(*content, "\xef\xbb\xbf")) {
        content->erase(0, 3);
    }
    if (ends_with(*content, "\n")) {
        content->pop_back();
        if (ends_with(*content, "\r")) {
            content->pop_back();
        }
    }
    if (content->find_first_of(std::string("\n\r\0", 3)) != std::string::npos) {
        throw refusal("it has more than one line; leave the secret alone in it");
    }
    return *content;
}

}  // namespace dcm::sys
