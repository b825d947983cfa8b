// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/settings.hpp>
#include <dcm/cli/run.hpp>

#include <string>

// What `supervise` is told by the command line and the environment of dcm-start. Throws Error(unavailable) where one
// runs already.
dcm::archive::Settings start_settings(const dcm::cli::Invocation& invocation);

// "UID GID" of who the server runs as, as far as that is decided; a line for scripts.
std::string printed_user(const dcm::cli::Invocation& invocation);
