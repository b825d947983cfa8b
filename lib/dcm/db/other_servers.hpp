// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/db/session.hpp>

#include <string>
#include <vector>

namespace dcm::db {

// The addresses, other than this session's own, from which its login holds two connections or more to its database.
// dcm4chee at rest holds two (measured); a script or somebody's console holds one. None when the server does not say.
std::vector<std::string> other_servers(Session& session);

}  // namespace dcm::db
