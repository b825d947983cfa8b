// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/sys/acting_as.hpp>

#include <grp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace dcm::sys {

namespace {

// setfsuid(2) tells of no failure, but of what was: -1 is nobody, and changes nothing. It takes "dumpable" away, and
// with it /proc/PID/fd from everybody without CAP_SYS_PTRACE: jobs write to /proc/1/fd/1.
bool act_as(uid_t uid, gid_t gid)
{
    constexpr auto nobody = static_cast<id_t>(-1);
    setfsgid(gid);
    setfsuid(uid);
    prctl(PR_SET_DUMPABLE, 1);
    return static_cast<gid_t>(setfsgid(nobody)) == gid && static_cast<uid_t>(setfsuid(nobody)) == uid;
}

}  // namespace

ActingAs::ActingAs(const std::optional<Credentials>& user) : m_changed(user.has_value())
{
    if (!user) {
        return;
    }
    const int count = getgroups(0, nullptr);
    m_groups.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    const bool known = count >= 0 && getgroups(count, m_groups.data()) == count;
    const bool dropped = known && setgroups(0, nullptr) == 0;
    if (dropped && act_as(user->uid, user->gid)) {
        return;
    }
    if (dropped) {
        act_as(geteuid(), getegid());
        setgroups(m_groups.size(), m_groups.data());
    }
    throw Error(ExitCode::no_permission, "cannot use the rights of uid " + std::to_string(user->uid) +
                                             "; give the container CAP_SETUID and CAP_SETGID");
}

ActingAs::~ActingAs()
{
    if (m_changed) {
        act_as(geteuid(), getegid());
        setgroups(m_groups.size(), m_groups.data());
    }
}

}  // namespace dcm::sys
