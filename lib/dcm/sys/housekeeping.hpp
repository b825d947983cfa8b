// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace dcm::sys {

// Whether file systems, storage appliances and desktops leave an entry of that name in every share: it is nobody's
// data. The list is scripts/maintenance/housekeeping.list, which the scripts read as well.
bool is_housekeeping(std::string_view name);

}  // namespace dcm::sys
