// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/sys/process.hpp>

#include <optional>
#include <string>

namespace dcm::archive {

// As what the server runs.
struct RunAs {
    std::optional<sys::Credentials> user;  // left out: who runs this
    sys::Privileges privileges = sys::Privileges::none;
};

// What is on record about that. Once it is settled, nothing that is on the volume changes it.
struct UserRecord {
    sys::Credentials user;
    bool settled = false;
    bool file_access = false;  // root that may use everybody's files
    bool may_have_file_access = true;
};

struct Decision {
    RunAs run_as;
    std::optional<UserRecord> record;  // to be kept, when it is news
};

// Who runs the server in `server` (server/default), for a process of root: `wanted` (DCM_RUN_AS), else who is on
// record. As long as that is not settled, and that user cannot write the archive directory: the directory is given to
// it if it is empty; if not, the owner of the images runs the server, or root with access to everybody's files where
// they have several, with a warning; where nobody can write all of it, who can write the newest directory, else the
// user all the same, with an error, and nothing is settled. Owners are asked of the file system without following a
// link that is not root's, and owners of DICOM files never change. Whether a directory can be written is tried as that
// user, without capabilities: access() is wrong on NFS. A read-only archive is a warning, and one that a settled user
// cannot write is said and no more. Throws Error(config) when `wanted` cannot be, Error(no_permission) when this
// process is not root and cannot store an image.
Decision choose_user(const std::string& server, const std::optional<sys::Credentials>& wanted, const UserRecord& record,
                     const Notify& notify);

// Give that user what the server writes beside the archive, and the datasource files, where it cannot use them. Throws
// Error(no_permission) with the remedy.
void prepare_state(const std::string& server, const RunAs& run_as, const Notify& notify);

}  // namespace dcm::archive
