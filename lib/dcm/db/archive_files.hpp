// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/db/session.hpp>

#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

namespace dcm::db {

struct ArchiveFiles {
    std::optional<Failure> failure;     // archive_missing, wrong_database, or a lost connection
    std::vector<std::string> warnings;  // what else is worth saying
};

// Whether database and archive belong together. On online file systems (filesystem.dirpath + files.filepath; what is
// relative is below the parent of `archive`) two samples of what the database knows are looked for: the newest 20, and
// 20 spread over those that are older than a day.
//   none of them there             failure archive_missing, naming path and count: a mount is missing
//   older ones there, newest not   a warning with the count: they were lost
// And the other way round, what lies in these directories and in `archive` is asked for:
//   a file, but none is known      failure wrong_database
//   10 files or more of the last 30 days, of which a tenth at most is known: the same
// NO_MOUNT, dcm4chee's mark for a mount that is missing, is a failure where none of the samples is there, else a
// warning. A file that cannot be looked at (no right, a stale mount) counts as there. File systems that are tar
// archives are left out; so are rows with paths that no archive writes, with a warning. What takes longer than `limit`
// is a warning as well. All statements walk a few entries of an index, whatever the number of rows.
ArchiveFiles check_archive_files(Session& session, const std::string& archive, std::time_t now,
                                 std::chrono::milliseconds limit);

}  // namespace dcm::db
