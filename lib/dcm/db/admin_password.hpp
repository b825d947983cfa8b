// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/db/session.hpp>

#include <optional>
#include <string>
#include <vector>

namespace dcm::db {

// What users.passwd holds for a password: base64 of its SHA-1.
std::string password_hash(const std::string& password);

// Those of the web users admin and user that still have the password that they were shipped with, their own name; none
// when that cannot be read.
std::vector<std::string> users_with_shipped_password(Session& session);

// Make `password` that of `user`, provided that theirs is still the shipped one. Returns why it could not be written.
std::optional<Failure> replace_shipped_password(Session& session, const std::string& user, const std::string& password);

}  // namespace dcm::db
