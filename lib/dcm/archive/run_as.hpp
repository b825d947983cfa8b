// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/sys/process.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dcm::archive {

// Where the volume's tree comes from, as far as it matters here.
enum class VolumeOrigin {
    unknown,   // no marker
    toolkit,   // filled by dcm-seed-volume
    original,  // adopted from the original image, which ran everything as root
};

// As what the server runs.
struct RunAs {
    std::optional<sys::Credentials> user;  // left out: who runs this
    sys::Privileges privileges = sys::Privileges::none;
};

// Who runs the server in `server` (server/default). For a process of root: `wanted` (DCM_RUN_AS), else who owns the
// configuration on a volume that the toolkit filled, else root. When that user cannot write the archive directory,
// the directory is given to it if it is empty; if not, the owner of the images runs the server, or root with access to
// everybody's files where they have several; with a warning that `.dcm/run-as` remembers. Owners of DICOM files never
// change, a read-only archive is a warning. Then the user gets what the server writes beside, and the datasource files.
// Whether a directory can be written is tried as that user, without capabilities: access() is wrong on NFS. Throws
// Error(config) when `wanted` cannot be, Error(no_permission) with the remedy when the server could not work.
RunAs choose_user(const std::string& server, const std::optional<sys::Credentials>& wanted, VolumeOrigin origin,
                  const Notify& notify);

}  // namespace dcm::archive
