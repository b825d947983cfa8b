// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace dcm::sys {

// What `action` returns, asked by a child that is waited for no longer than `limit`, then killed and left alone: a file
// system that hangs holds nobody up. nullopt when it was late or threw. Throws Error(os_error) when there is no child.
std::optional<std::string> answer_within(std::chrono::milliseconds limit, const std::function<std::string()>& action);

}  // namespace dcm::sys
