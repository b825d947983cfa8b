// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/fd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::sys {

// Open with O_CLOEXEC added, repeating after EINTR. Check the result: it is empty on failure, and errno says why.
Fd open_fd(const std::string& path, int flags, unsigned mode = 0666);

// The whole of a regular file, `max_bytes` at most; nullopt when nothing of that name exists.
// Throws Error(no_input) when it cannot be read, is not a regular file or is larger.
std::optional<std::string> read_file(const std::string& path, std::uint64_t max_bytes = 64U << 20U);

// The first 64 kB of a file of /proc, /sys or another that may come and go; empty when it cannot be read.
std::string read_kernel_file(const std::string& path);

// All of `data`, repeating short writes and EINTR. False on failure, and errno says why.
bool write_all(int fd, std::string_view data);

// Make the names in directory `path` durable. False on failure, and errno says why.
bool sync_directory(const std::string& path);

// "." for a name without a slash, "/" for one below the root.
std::string parent_directory(const std::string& path);

}  // namespace dcm::sys
