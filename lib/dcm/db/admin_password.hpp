// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/db/session.hpp>

#include <optional>
#include <string>

namespace dcm::db {

// The content of the file that DCM_ADMIN_PASSWORD_FILE names; nullopt when it is unset.
// Throws Error(no_input) when the file cannot be read, Error(config) when the password is empty.
std::optional<std::string> admin_password_from_environment();

// What users.passwd holds for a password: base64 of its SHA-1.
std::string password_hash(const std::string& password);

// Make `password` that of the web user admin, but only while the one in the database is the shipped one (admin), or
// when `password` is another than the last time: one that was changed in the web page stays. What the last one was is
// remembered in the file `memory` (mode 0600, its directory is made when missing) as a salted hash. One transaction;
// calling it again changes nothing. Notices say what was done and why nothing was.
// Returns why the database could not be asked or written; nullopt otherwise. Throws Error when `memory` cannot be read
// or written (then the database has been written already, and the next call finds that).
std::optional<Failure> apply_admin_password(Session& session, const std::string& password, const std::string& memory,
                                            const Notify& notify);

// True when the web user admin still has the password that everybody knows; false as well when that cannot be read.
bool has_shipped_admin_password(Session& session);

}  // namespace dcm::db
