// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/supervisor.hpp>
#include <dcm/cli/run.hpp>

// What `supervise` is told by the command line and the environment of dcm-start. Throws Error(unavailable) where one
// runs already.
dcm::archive::Settings start_settings(const dcm::cli::Invocation& invocation);
