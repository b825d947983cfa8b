// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/clock.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/process.hpp>

#include <sys/types.h>

#include <optional>
#include <vector>

namespace dcm::archive {

// All signals of this process, as something to wait for: from its making on they are blocked and handed out one by one
// (children started by sys::spawn get a fresh mask). What a debugger, a fault or a terminal's job control sends keeps
// its usual meaning.
class Signals {
public:
    Signals();

    int fd() const { return m_fd.get(); }

    // The signals that came, oldest kinds first; empty when there is none. Does not wait.
    std::vector<int> take();

private:
    sys::Fd m_fd;
};

struct Reaped {
    pid_t pid;
    sys::ExitStatus status;
};

// One dead child, whosever it was; nullopt when none is dead at the moment.
std::optional<Reaped> reap_one();

// Whether there is any child at all, dead or alive.
bool has_children();

// Whether reap_one would return one.
bool has_dead_child();

// Whether `pid` is a child that is dead, and not reaped.
bool is_dead_child(pid_t pid);

// From here on the orphans below this process become its children, as they do for PID 1.
void adopt_orphans();

}  // namespace dcm::archive
