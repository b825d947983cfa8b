// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/events.hpp>
#include <dcm/archive/process_table.hpp>
#include <dcm/archive/server.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>

#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace dcm::archive {

namespace {

std::string process_name(const std::string& path)
{
    constexpr std::size_t most = 15;
    return path.substr(path.find_last_of('/') + 1).substr(0, most);
}

}  // namespace

void Server::start(const sys::LongLived& program, const std::string& path)
{
    if (access(path.c_str(), F_OK) != 0) {
        throw Error(ExitCode::not_found,
                    "no start script " + quoted(path) + "; set DCM4CHEE_HOME to the root of the server");
    }
    if (access(path.c_str(), X_OK) != 0) {
        throw Error(ExitCode::not_executable,
                    "cannot run " + quoted(path) + ": not executable; make it so with chmod +x");
    }
    *this = Server{};
    m_script = process_name(path);
    m_program = process_name(program.argv.at(0));
    m_shell = m_session = sys::spawn(program);
}

// The JVM by its name, wherever it is below run.sh; else what run.sh itself started; else run.sh, which has started
// nothing yet. The kernel names a process after its script until it becomes another program: then it is the server.
std::vector<pid_t> Server::targets() const
{
    if (m_shell == 0) {
        return members();
    }
    std::vector<pid_t> children;
    std::vector<pid_t> machines;
    const auto all = read_processes();
    const auto shell = std::find_if(all.begin(), all.end(), [this](const Process& p) { return p.pid == m_shell; });
    if (shell != all.end() && shell->name != m_script && shell->name != m_program) {
        return {m_shell};
    }
    for (const auto& process : descendants_of(m_shell, all)) {
        if (process.parent == m_shell) {
            children.push_back(process.pid);
        }
        const bool below = std::find(machines.begin(), machines.end(), process.parent) != machines.end();
        if (process.name == "java" && !below) {
            machines.push_back(process.pid);
        }
    }
    if (!machines.empty()) {
        return machines;
    }
    return children.empty() ? std::vector<pid_t>{m_shell} : children;
}

std::vector<pid_t> Server::members() const
{
    std::vector<pid_t> found;
    for (const auto& process : read_processes()) {
        if (process.session == m_session) {
            found.push_back(process.pid);
        }
    }
    return found;
}

pid_t Server::main_pid() const
{
    const auto found = running() ? targets() : std::vector<pid_t>{};
    return found.empty() ? 0 : found.front();
}

void Server::ask_to_end()
{
    m_asked = true;
    if (!running()) {
        return;
    }
    for (const pid_t pid : targets()) {
        if (pid == m_shell && !m_told.empty()) {
            continue;  // what it started was asked and is gone: now it passes on how that ended, or starts it again
        }
        if (std::find(m_told.begin(), m_told.end(), pid) == m_told.end() && ::kill(pid, SIGTERM) == 0) {
            m_told.push_back(pid);
        }
    }
}

void Server::send(int signal) const
{
    for (const pid_t pid : running() ? targets() : std::vector<pid_t>{}) {
        ::kill(pid, signal);
    }
}

void Server::kill() const
{
    for (const pid_t pid : running() ? members() : std::vector<pid_t>{}) {
        ::kill(pid, SIGKILL);
    }
}

void Server::on_reaped(pid_t pid, const sys::ExitStatus& status, const Notify& notify)
{
    if (!running()) {
        return;
    }
    if (pid == m_shell) {
        m_shell = 0;
        m_status = status;
        if (status.signal() && !m_asked) {
            m_survivors = members();
        }
        if (!m_survivors.empty()) {
            notify({Level::warning, "run.sh was " + status.str() + ", but the server behind it lives; it goes on", {}});
        } else {
            ask_to_end();
        }
    } else if (std::find(m_survivors.begin(), m_survivors.end(), pid) != m_survivors.end()) {
        m_status = status;
    }
}

std::optional<sys::ExitStatus> Server::take_end()
{
    // The last survivor may be dead and not reaped yet, and its status is the one that counts. Of other dead children
    // there may always be one more.
    if (m_session == 0 || m_shell != 0 || !members().empty() ||
        std::any_of(m_survivors.begin(), m_survivors.end(), is_dead_child) || read_processes().empty()) {
        return std::nullopt;
    }
    m_session = 0;
    return m_status;
}

}  // namespace dcm::archive
