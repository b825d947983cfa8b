// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/settings.hpp>
#include <dcm/core/notice.hpp>

namespace dcm::archive {

// Run `home`/bin/run.sh, and cron beside it, until a signal asks to stop or the server crashes. SIGTERM and SIGINT stop
// it gracefully, SIGUSR1 and `run_dir`/control restart the server in place, other signals go to the JVM. Cron is
// started again whenever it ends, and so is a server that ends cleanly though nobody asked. Returns, once nothing this
// process started lives any more, the status to end with: 0 after a stop that was asked for and ended cleanly, else the
// server's own. Takes all signals and every child of the calling process for itself. Throws Error(not_found or
// not_executable) when run.sh cannot be started.
int supervise(const Settings& settings, const Notify& notify);

}  // namespace dcm::archive
