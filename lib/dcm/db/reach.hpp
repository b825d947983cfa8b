// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/db/cause.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace dcm::db {

// Whether a server greets at the addresses of `host`: nullopt when the first byte of a greeting arrives from one.
// Otherwise unknown_host, refused, timed_out or no_greeting (the connector has one number and text for all of them),
// with the number of addresses tried. `timeout` is per address. Nothing is sent. To a server that is up, one look is
// an aborted connection, which the login that follows makes good: ask only after a failure.
std::optional<Failure> why_unreachable(const std::string& host, const std::string& port,
                                       std::chrono::milliseconds timeout);

// From here on a name server that does not answer costs a look-up about `limit`, rounded to whole seconds, instead of
// what resolv.conf says; changes of resolv.conf are no longer noticed.
void limit_name_lookup(std::chrono::milliseconds limit);

}  // namespace dcm::db
