// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/host_name.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/process.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr auto k_file_limit = 10s;   // of a machine that has other work
constexpr auto k_server_limit = 1s;  // a name server that does not answer must not hold up the first start

bool finds(std::vector<std::string> getent, std::chrono::milliseconds limit)
{
    sys::Command command;
    command.argv = std::move(getent);
    command.timeout = limit;
    const auto output = sys::run(command);
    return output.status.success() && !output.timed_out;
}

// By a program, because the resolver cannot be given a time limit. Where it hears nothing in time, the name gets its
// line too: the JVM would wait as long, at every start.
bool resolves(const std::string& name)
{
    if (!sys::find_in_path("getent")) {
        return true;  // as far as anybody can tell
    }
    return finds({"getent", "-s", "hosts:files", "ahosts", name}, k_file_limit) ||
           finds({"getent", "ahosts", name}, k_server_limit);
}

bool append_line(const std::string& path, const std::string& line)
{
    const sys::Fd fd = sys::open_fd(path, O_WRONLY | O_APPEND);
    const std::string before = sys::read_or_empty(path);
    const bool complete = before.empty() || ends_with(before, "\n");
    return fd && sys::write_all(fd.get(), (complete ? "" : "\n") + line + "\n");
}

}  // namespace

std::string host_name()
{
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

void ensure_host_name(const std::string& name, const std::string& hosts, const Notify& notify)
{
    if (name.empty() || resolves(name)) {
        return;
    }
    const std::string what = "the host name " + quoted(name) + " does not resolve, and JBoss cannot start so; ";
    if (append_line(hosts, "127.0.0.1 " + name)) {
        notify({Level::warning, what + "added it to " + hosts, {}});
    } else {
        const std::string why = errno_text(errno);
        notify({Level::error,
                what + "cannot add it to " + hosts + " (" + why + "): start the container with --add-host " + name +
                    ":127.0.0.1 (compose: extra_hosts)",
                {}});
    }
}

}  // namespace dcm::archive
