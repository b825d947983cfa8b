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

enum class WriteResult { written, unchanged };

// Replace `path` by a file with `content`, so that any reader at any time, and a crash at any instant, meets the old or
// the new file: temporary file, fsync, rename, fsync of the directory. A symbolic link stays one: its target is
// replaced. An existing file keeps its owner, and its mode unless `mode` is given; a new one gets 0644. The temporary
// file is made beside it under a name that begins with a dot. Nothing is touched, times included, when content and mode
// already are what they should be. SIGTERM and SIGINT wait the few milliseconds that it takes. Throws
// Error(cant_create, io_error or no_permission).
WriteResult write_file_atomically(const std::string& path, std::string_view content, std::optional<mode_t> mode = {});

// The same below a directory in which somebody else may write: no link is followed, and one at `path` is replaced
// itself. The temporary file is made in `staging`, a directory of `tree` on the same file system, when given.
WriteResult write_file_atomically(const Beneath& tree, const std::string& path, std::string_view content,
                                  std::optional<mode_t> mode = {}, const std::string& staging = {});

// Whether `leaf` is what those call a temporary file: one that SIGKILL or a power cut left stays.
bool is_temporary_name(std::string_view leaf);

}  // namespace dcm::sys
