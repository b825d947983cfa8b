// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/clock.hpp>
#include <dcm/sys/fd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::sys {

// Open with O_CLOEXEC added, repeating after EINTR. Check the result: it is empty on failure, and errno says why.
Fd open_fd(const std::string& path, int flags, unsigned mode = 0666);

// The whole of a regular file, `max_bytes` at most; nullopt when nothing of that name exists.
// Throws Error(no_input) when it cannot be read, is not a regular file or is larger.
std::optional<std::string> read_file(const std::string& path, std::uint64_t max_bytes = 64U << 20U);

// The rest of what `fd` has; `path` is what messages call it. Throws Error(no_input) as above.
std::string read_all(int fd, const std::string& path, std::uint64_t max_bytes);

// The first 64 kB of a file that may come and go, or of one of /proc or /sys; empty when it cannot be read.
std::string read_or_empty(const std::string& path);

struct Pipe {
    Fd read_end;
    Fd write_end;
};

// With `Reading::never_waits` an empty pipe is EAGAIN to who reads. Throws Error(os_error).
enum class Reading { waits, never_waits };
Pipe make_pipe(Reading reading);

// Read from `fd`, a pipe, until its other end is closed. False when `deadline` (left out: never) came first, and on
// failure.
bool read_to_end(int fd, std::string& text, const std::optional<Clock::time_point>& deadline);

// All of `data`, repeating short writes and EINTR. False on failure, and errno says why.
bool write_all(int fd, std::string_view data);

// Replace `path` by a file with `content`, so that a reader meets the old or the new one, and make its directory when
// there is none. For /run: what must survive a crash of the machine goes through write_file_atomically. False on
// failure, and errno says why.
bool replace_file(const std::string& path, std::string_view content, unsigned mode = 0644);

// The names in a directory but for "." and "..", in no order; nullopt on failure, and errno says why.
std::optional<std::vector<std::string>> read_directory(const std::string& path);
std::optional<std::vector<std::string>> read_directory(Fd directory);

// "." for a name without a slash, "/" for one below the root.
std::string parent_directory(const std::string& path);

// What comes after the last slash.
std::string file_name(const std::string& path);

}  // namespace dcm::sys
