// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/status.hpp>

#include <optional>
#include <string>

// How the server of the volume `server` ended, kept there where the server cannot write. What cannot be read is a
// warning; keep_end throws Error.
std::optional<dcm::archive::End> previous_end(const std::string& server);
void keep_end(const std::string& server, const dcm::archive::End& end);
