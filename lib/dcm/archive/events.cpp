// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/events.hpp>
#include <dcm/core/error.hpp>

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace dcm::archive {

// SIGTTOU and SIGTTIN are blocked like most: so writing to a terminal goes on from the background.
Signals::Signals()
{
    sigset_t set;
    sigfillset(&set);
    for (const int own : {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS, SIGTSTP}) {
        sigdelset(&set, own);
    }
    sigprocmask(SIG_SETMASK, &set, nullptr);
    // An ignored SIGCHLD, inherited from whoever started us, would let children vanish unseen.
    std::signal(SIGCHLD, SIG_DFL);
    m_fd.reset(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!m_fd) {
        throw system_error("cannot wait for signals", errno, ExitCode::os_error);
    }
}

std::vector<int> Signals::take()
{
    std::vector<int> taken;
    std::array<signalfd_siginfo, 16> infos{};
    for (;;) {
        const auto got = ::read(m_fd.get(), infos.data(), sizeof(infos));
        if (got <= 0) {
            return taken;
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(got) / sizeof(infos[0]); ++i) {
            taken.push_back(static_cast<int>(infos.at(i).ssi_signo));
        }
    }
}

std::optional<Reaped> reap_one()
{
    int status = 0;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    return pid > 0 ? std::optional(Reaped{pid, sys::ExitStatus::decode(status)}) : std::nullopt;
}

bool has_children()
{
    siginfo_t info{};
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool has_dead_child()
{
    siginfo_t info{};
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

bool is_dead_child(pid_t pid)
{
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

void adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

}  // namespace dcm::archive
