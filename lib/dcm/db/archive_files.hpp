// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/db/session.hpp>

#include <optional>
#include <string>

namespace dcm::db {

struct ArchiveFiles {
    std::optional<Failure> failure;  // archive_missing, or a lost connection
    std::string warning;             // what else is worth saying, or empty
};

// Whether files that the database knows are where it says: the newest 20 on online file systems (filesystem.dirpath +
// files.filepath; what is relative is below `directory`, which is server/default).
//   none of them there          failure archive_missing, naming path and count: a mount is missing
//   some of them not there      a warning that says how many
//   no files, no such tables    nothing
// A file that cannot be looked at (no right, a stale mount) counts as there: only what surely is not there is missing.
// File systems that are tar archives are left out. Reads 20 rows per file system through the index on
// files.filesystem_fk, whose entries InnoDB keeps in the order of the primary key: instant on any number of rows.
ArchiveFiles check_archive_files(Session& session, const std::string& directory);

}  // namespace dcm::db
