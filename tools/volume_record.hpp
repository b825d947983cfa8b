// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/run_as.hpp>
#include <dcm/archive/status.hpp>

#include <optional>
#include <string>

// What dcm-start keeps on the volume, where the server cannot write: who the server runs as, and how it ended. What
// cannot be kept or read is a warning.

// Who the server in `server` (server/default) runs as from now on. Throws as archive::choose_user does.
dcm::archive::RunAs user_of_server(const std::string& server, const std::optional<dcm::sys::Credentials>& wanted);

// The same as far as it is known already; nothing is changed.
dcm::sys::Credentials known_user(const std::string& server, const std::optional<dcm::sys::Credentials>& wanted);

std::optional<dcm::archive::End> previous_end(const std::string& server);
void keep_end(const std::string& server, const dcm::archive::End& end);
