// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/process.hpp>

#include <sys/types.h>

#include <optional>
#include <vector>

namespace dcm::sys {

// While one of these lives, this thread touches files with the rights of another user and no others: whatever link that
// user has laid, nothing is reached that it could not reach itself. Start no child meanwhile.
class ActingAs {
public:
    // nullopt: nothing changes. Throws Error(no_permission) when this process may not.
    explicit ActingAs(const std::optional<Credentials>& user);
    ActingAs(const ActingAs&) = delete;
    ActingAs& operator=(const ActingAs&) = delete;
    ~ActingAs();

private:
    bool m_changed;
    std::vector<gid_t> m_groups;
};

}  // namespace dcm::sys
