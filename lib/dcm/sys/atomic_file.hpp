// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/beneath.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/signals.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace dcm::sys {

// Owner and mode of a file that is written. Left out, an existing file keeps its own and a new one gets mode 0644.
struct Ownership {
    std::optional<mode_t> mode;
    std::optional<uid_t> uid;
    std::optional<gid_t> gid;
};

enum class WriteResult { written, unchanged };

// Replace `path` by a file with `content`, so that any reader at any time, and a crash at any instant, meets the old or
// the new file: temporary file, fsync, rename, fsync of the directory. A symbolic link stays one: its target is
// replaced. The temporary file is made in `staging` (a directory on the same file system) when given, else beside
// `path` under a name that begins with a dot. Nothing is touched, times included, when content, mode and owner already
// are what they should be. SIGTERM and SIGINT wait the few milliseconds that it takes. Throws Error(cant_create,
// io_error or no_permission).
WriteResult write_file_atomically(const std::string& path, std::string_view content, const Ownership& ownership = {},
                                  const std::string& staging = {});

// The same below a directory in which somebody else may write: no link is followed, and one at `path` is replaced
// itself. `staging` is a path in `tree`, too.
WriteResult write_file_atomically(const Beneath& tree, const std::string& path, std::string_view content,
                                  const Ownership& ownership = {}, const std::string& staging = {});

}  // namespace dcm::sys
