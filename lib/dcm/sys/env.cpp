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
    if (ends_with(*content, "\n")) {
        content->pop_back();
        if (ends_with(*content, "\r")) {
            content->pop_back();
        }
    }
    return *content;
}

}  // namespace dcm::sys
