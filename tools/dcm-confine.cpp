// SPDX-License-Identifier: Apache-2.0
// dcm-confine [w:DIR | m:DIR | s:DIR | h:PATH]... -- COMMAND [ARG...]: becomes COMMAND, confined as dcm-start asks
// (dcm/archive/confinement.hpp) by Landlock, where the kernel has it, and a filter of system calls. A program of its
// own, because what it looks up may lie on a file system that never answers. Where the kernel refuses, the archive
// starts all the same, with a warning.
#include <dcm/archive/confinement.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/exec.hpp>
#include <dcm/sys/syscall_filter.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>

int main(int argc, char** argv)
{
    dcm::log::configure({"dcm-confine", dcm::Level::info, dcm::log::Format::text});
    auto parsed = dcm::archive::parse_confined({argv + 1, argv + argc});
    if (parsed.command.empty()) {
        dcm::log::error("no command; only dcm-start calls this program");
        return dcm::to_int(dcm::ExitCode::usage);
    }
    auto& hidden = parsed.confinement.hidden;
    const auto secrets = static_cast<std::ptrdiff_t>(hidden.size());
    dcm::archive::hide_backups(parsed.confinement);
    std::for_each(hidden.begin() + secrets, hidden.end(), [](const std::string& backups) {
        dcm::log::warning(dcm::quoted(backups) +
                          " holds backups: it is hidden from the server, which can make nothing new "
                          "beside it; keep backups on a mount of their own, /backup");
    });
    const auto warn = [](const std::string& by) {
        dcm::log::warning("cannot confine the server by " + by + ": " + dcm::errno_text(errno) +
                          ", proceeding; run the container with read_only: true");
    };
    if (dcm::sys::landlock_version() >= dcm::sys::k_landlock_least && !dcm::sys::confine(parsed.confinement)) {
        warn("Landlock");
    }
    if (!dcm::sys::filter_system_calls()) {
        warn("a filter of system calls");
    }
    try {
        dcm::sys::exec_command(parsed.command);
    } catch (const dcm::Error& failure) {
        dcm::log::error(failure.what());
        return dcm::to_int(failure.code());
    }
}
