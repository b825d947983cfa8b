// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>

#include <string>

namespace dcm::archive {

// JBoss ends during its start when the machine's own name does not resolve ("Exception creating identity"): an
// /etc/hosts of one's own and --network host lead there. Then adds the name to `hosts`, the hosts file, or says what to
// do where that cannot be written. A name server gets a second.
void ensure_host_name(const std::string& name, const std::string& hosts, const Notify& notify);

// The name of this machine.
std::string host_name();

}  // namespace dcm::archive
