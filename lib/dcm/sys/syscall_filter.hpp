// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace dcm::sys {

// Refuse this process, from here on, and all that it starts, what Landlock does not know of: sockets of other families
// than those of the internet, Unix sockets above all (those of database servers, of container engines), io_uring, by
// which there would be some all the same, limits of other processes, and calls of another architecture. One that runs
// as root owns root's files: it gets no change of modes, owners and attributes either. False, with errno, when the
// kernel refuses. Needs no_new_privs.
bool filter_system_calls();

}  // namespace dcm::sys
