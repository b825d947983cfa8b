// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

// Where the Connectors of `server`'s web server have addresses of their own, all the rest of JBoss listens on loopback:
// run.sh gives JBOSS_BIND_ADDR to -b. Never where that would take the web page with it.
void bind_to_loopback(const std::string& server);
