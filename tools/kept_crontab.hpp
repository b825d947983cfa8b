// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/cron/load.hpp>

#include <optional>
#include <string>

// The last crontab that was good, in the `.dcm` of the volume `server`; nullopt where there is no such volume. Its jobs
// run as root: it is read, and kept, only where nobody but root can have written it.
std::optional<dcm::cron::KeptCrontab> kept_crontab(const std::string& server);
