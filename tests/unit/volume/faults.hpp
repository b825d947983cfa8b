// SPDX-License-Identifier: Apache-2.0
#pragma once

// Stands between the library and the kernel: lets the N-th call that changes a file system fail, or be the last one of
// the process.
namespace faults {

enum class Action { none, fail, kill };

// From now on: the call number `at` (counted from 1) fails with `errno_value`, or SIGKILL comes in its place.
void arm(Action action, long at, int errno_value = 0);
void disarm();

// Renaming a directory that was not just made fails with EXDEV.
void keep_directories_in_place(bool stuck);

// How many calls there were since `arm`.
long count();

}  // namespace faults
