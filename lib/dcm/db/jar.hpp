// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace dcm::db {

// The value of `key` in the manifest of a jar ("Implementation-Version: 5.0.5"), blanks around it dropped; nullopt when
// the file is no jar or has no such line. At most 64 KiB of the manifest are looked at.
std::optional<std::string> manifest_value(const std::string& path, const std::string& key);

}  // namespace dcm::db
