// SPDX-License-Identifier: Apache-2.0
#include <dcm/sys/signals.hpp>

#include <unistd.h>

namespace dcm::sys {

namespace {

sigset_t ending_signals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

}  // namespace

void end_on_signals()
{
    struct sigaction action {};
    action.sa_handler = [](int signal) { _exit(128 + signal); };
    sigfillset(&action.sa_mask);
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
    const sigset_t set = ending_signals();
    sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

SignalsHeld::SignalsHeld()
{
    const sigset_t set = ending_signals();
    sigprocmask(SIG_BLOCK, &set, &m_before);
}

SignalsHeld::~SignalsHeld() { sigprocmask(SIG_SETMASK, &m_before, nullptr); }

}  // namespace dcm::sys
