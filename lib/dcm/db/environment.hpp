// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/db/gate.hpp>
#include <dcm/db/session.hpp>

#include <chrono>
#include <string>

namespace dcm::db {

// What dcm-wait-db takes from the environment. A value that cannot be read and has a safe default is a warning, so that
// a slip does not keep an archive down.

// MYSQL_CONNECT_RETRY, or its old name MYSQL_RETRY_CONNECT; 30 s.
std::chrono::milliseconds retry_interval(const Notify& notify);

// DCM_ARCHIVE_CHECK; `stop`.
ArchiveCheck archive_check(const Notify& notify);

// How JBoss gets in: the login of datasource `jndi` in `file`, or of the variables when `file` is empty. TLS is what
// MYSQL_TLS_MODE says; unset, what the JDBC URL asks the driver for, without the check of a certificate. Throws what
// login_from_file, login_from_environment and tls_from_environment throw.
Access access_of(const std::string& file, const std::string& jndi, const Notify& notify);

}  // namespace dcm::db
