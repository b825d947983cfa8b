// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace dcm::sys {

// From here on SIGTERM and SIGINT end the process at once with 128+N, wherever it is. A process that is PID 1 of its
// namespace needs this: the kernel drops signals to it whose disposition is the default.
// Unblocks both, so that a signal which arrived between two commands of a chain counts now (see exec_command).
void end_on_signals();

// SIGTERM and SIGINT wait while one of these lives. Keep it to steps that must not be cut and are short.
class SignalsHeld {
public:
    SignalsHeld();
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;
    ~SignalsHeld();

private:
    sigset_t m_before{};
};

}  // namespace dcm::sys
