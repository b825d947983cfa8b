// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/run_as.hpp>

#include <optional>
#include <string>

// Who the server in `server` (server/default) runs as from now on. That is kept on the volume, where the server cannot
// write; what cannot be kept or read is a warning. Throws as archive::choose_user does.
dcm::archive::RunAs user_of_server(const std::string& server, const std::optional<dcm::sys::Credentials>& wanted);

// The same as far as it is known already; nothing is changed.
dcm::sys::Credentials known_user(const std::string& server, const std::optional<dcm::sys::Credentials>& wanted);
