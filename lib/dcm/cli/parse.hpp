// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/cli/run.hpp>

#include <array>

namespace dcm::cli {

// --help, --version and the log options, which every command has.
const std::array<Option, 4>& common_options();

}  // namespace dcm::cli
