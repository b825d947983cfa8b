// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/export.hpp>
#include <dcm/datasource/settings.hpp>
#include <dcm/db/cause.hpp>

#include <chrono>
#include <optional>

namespace dcm::db {

// Log in over TCP as JBoss does and select the database, and go again. nullopt: it works.
// `timeout` is per attempt, rounded up to whole seconds where the connector takes over.
DCM_API std::optional<Failure> try_login(const datasource::Login& login, std::chrono::milliseconds timeout);

}  // namespace dcm::db
