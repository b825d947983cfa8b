// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace dcm::sys {

// What `action` returns, asked by a child that is waited for no longer than `limit`, then killed and left alone: a file
// system that hangs holds nobody up. nullopt when it was late. Throws Error(io_error) with the text of what it threw,
// or when the child died, and Error(os_error) when there is no child.
std::optional<std::string> answer_within(std::chrono::milliseconds limit, const std::function<std::string()>& action);

}  // namespace dcm::sys
