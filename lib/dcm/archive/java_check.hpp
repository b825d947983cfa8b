// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/inquiry.hpp>
#include <dcm/sys/process.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::archive {

// The program that asks the JVM of run.sh what it makes of the options that run.sh will give it: run.conf is read by a
// shell, as run.sh does it, and what would open a port, a file or memory in a second JVM is left out. It is silent
// where there is no JVM.
sys::LongLived java_question(const std::string& home);

// What will go wrong with them, one line each, with its remedy: the JVM does not start, ignores some, or may take more
// memory than the container has (`limit`). What it ignores in run.conf is of no interest: `site_options` says whether
// JAVA_OPTS replaces that.
std::vector<std::string> judge_java(const Inquiry::Answer& answer, std::optional<std::uint64_t> limit,
                                    bool site_options);

}  // namespace dcm::archive
