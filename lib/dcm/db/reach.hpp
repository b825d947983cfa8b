// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/db/cause.hpp>

#include <chrono>
#include <string>

namespace dcm::db {

// After the connector could not connect (its number and text are the same for all three): whether the name does not
// resolve, nobody listens or nobody answers within `timeout`. `not_ready` when a connection works by now.
// Asked only after a failure: a connection without a handshake counts against the client on a server that is up.
Cause why_unreachable(const std::string& host, const std::string& port, std::chrono::milliseconds timeout);

}  // namespace dcm::db
