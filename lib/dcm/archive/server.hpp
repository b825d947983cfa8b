// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/sys/process.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace dcm::archive {

// bin/run.sh and what it started. run.sh is a shell that waits for the JVM and passes no signal on, so signals go to
// the JVM in person. Everything of one run has one session, by which it is found even after run.sh is gone.
class Server {
public:
    // `program` is or becomes `script`, run.sh. Throws Error(not_found or not_executable) when that cannot be started.
    void start(const sys::LongLived& program, const std::string& script);

    bool running() const { return m_shell > 0 || m_session > 0; }

    // Whether run.sh came to its end and left something behind, which is to end as well.
    bool dissolving() const { return m_session > 0 && m_shell == 0 && m_survivors.empty(); }

    // The PID of the JVM, or of what stands for it; 0 while there is none.
    pid_t main_pid() const;

    // Ask the JVM to end, once each. Call it again from time to time until the server is over: a run.sh that has not
    // come to starting its JVM yet starts it all the same, and that one is asked then.
    void ask_to_end();

    void send(int signal) const;

    // SIGKILL to all of it, run.sh included.
    void kill() const;

    // Tell of every reaped child. A run.sh that was killed leaves a JVM that serves on: the server is then over when
    // that ends, with its status. What a run.sh that came to its end leaves behind is asked to end.
    void on_reaped(pid_t pid, const sys::ExitStatus& status, const Notify& notify);

    // How it ended, once nothing of it lives any more and every dead child has been told of.
    std::optional<sys::ExitStatus> take_end();

private:
    std::vector<pid_t> targets() const;
    std::vector<pid_t> members() const;

    std::string m_script;   // as the kernel names a process that runs it
    std::string m_program;  // the same of what becomes it
    pid_t m_shell = 0;      // 0: run.sh is gone
    pid_t m_session = 0;    // 0: nothing is left
    bool m_asked = false;
    std::vector<pid_t> m_survivors;  // what lives on after run.sh was killed
    std::vector<pid_t> m_told;
    std::optional<sys::ExitStatus> m_status;
};

}  // namespace dcm::archive
