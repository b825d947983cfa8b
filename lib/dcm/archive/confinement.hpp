// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/run_as.hpp>
#include <dcm/sys/landlock.hpp>

#include <string>
#include <vector>

namespace dcm::archive {

// What the server may touch, whoever it is: it writes in `server` (server/default), in the usual scratch directories
// and below the mounts that may hold images, and sees no secret of root's. `mounts` are mount points of directories,
// `secrets` the paths of secret files and of what root keeps. Mounts for something else are left out: those that hold a
// secret or lie below one, and those of the system. A server that may use everybody's files could change what root
// keeps in `server`/.dcm: so that is left out for it.
sys::Confinement confinement_of(const std::string& server, const RunAs& run_as, const std::vector<std::string>& mounts,
                                std::vector<std::string> secrets);

// Hide the backups that are on those mounts, as it runs: by who will be confined, since a mount may never answer.
void hide_backups(sys::Confinement& confinement);

// Paths of root's that no server needs: secret files that the environment names (NAME_FILE), `run_dir`, `backups`.
std::vector<std::string> secret_paths(const std::vector<std::string>& environment, const std::string& run_dir,
                                      const std::string& backups);

// What the server gets of our environment: what run.sh, its run.conf, a JVM and a C library read, and what `wanted`
// names, separated by blanks or commas. No secret is among it, unless it is asked for.
std::vector<std::string> server_environment(const std::vector<std::string>& environment, const std::string& wanted);

// The command line of dcm-confine that becomes `command` under `confinement`.
std::vector<std::string> confined(const std::string& helper, const sys::Confinement& confinement,
                                  const std::vector<std::string>& command);

// That command line read back.
struct ConfinedCommand {
    sys::Confinement confinement;
    std::vector<std::string> command;
};
ConfinedCommand parse_confined(const std::vector<std::string>& arguments);

}  // namespace dcm::archive
