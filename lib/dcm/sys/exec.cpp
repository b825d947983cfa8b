// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/exec.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/signals.hpp>

#include <unistd.h>

#include <cerrno>
#include <optional>

namespace dcm::sys {

bool is_tool(const std::string& program) { return starts_with(file_name(program), "dcm-"); }

void exec_command(const std::vector<std::string>& argv)
{
    std::vector<char*> pointers;
    pointers.reserve(argv.size() + 1);
    for (const auto& argument : argv) {
        pointers.push_back(
            const_cast<char*>(argument.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast): POSIX
    }
    pointers.push_back(nullptr);

    const std::string& program = argv.at(0);
    std::optional<SignalsHeld> held;
    if (is_tool(program)) {
        held.emplace();
    }
    ::execvp(pointers[0], pointers.data());
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    throw Error(missing ? ExitCode::not_found : ExitCode::not_executable,
                "cannot run " + quoted(program) + ": " + (missing ? "no such command" : errno_text(errno)) +
                    "; check the command after '--'");
}

}  // namespace dcm::sys
