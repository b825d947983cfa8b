// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

// Stands between the library and the kernel: lets the N-th call that changes a file system fail, or be the last one of
// the process.
namespace faults {

enum class Action { none, fail, kill };

// From now on: the call number `at` (counted from 1) fails with `errno_value`, or SIGKILL comes in its place.
void arm(Action action, long at, int errno_value = 0);
void disarm();

// Before the call number `at`, once: what somebody else does in the meantime.
void arm_hook(long at, std::function<void()> hook);

// No locks, no owners, no hard links, no copying or syncing by the kernel, no exclusive renames.
void pose_as_network_share(bool network);

// How many calls there were since `arm`.
long count();

}  // namespace faults
