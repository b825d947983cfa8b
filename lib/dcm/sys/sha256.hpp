// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace dcm::sys {

// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view data);

// Of what can be read from `fd`, from its current position to its end. Throws Error(io_error) naming `path`.
std::string sha256_of_file(int fd, const std::string& path);

}  // namespace dcm::sys
