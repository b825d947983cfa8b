// SPDX-License-Identifier: Apache-2.0
#include <dcm/cron/job_lock.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace dcm::cron {

namespace {

// The directory is open to all users: never follow a link that one of them left there.
sys::Fd open_lock(const std::string& path) { return sys::open_fd(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600); }

bool lock(const sys::Fd& fd, int how)
{
    while (flock(fd.get(), how) != 0) {
        if (errno != EINTR) {
            return errno != EWOULDBLOCK;  // a file system without locks excludes nobody
        }
    }
    return true;
}

}  // namespace

std::optional<Overlap> parse_overlap(const std::string& text)
{
    if (text.empty() || text == "no") {
        return Overlap::allow;
    }
    if (text == "skip") {
        return Overlap::skip;
    }
    return text == "wait" ? std::optional(Overlap::wait) : std::nullopt;
}

JobLock::JobLock(const std::string& directory, const std::string& key, Overlap overlap)
{
    if (overlap == Overlap::allow) {
        return;
    }
    m_fd = open_lock(directory + "/" + key);
    if (!m_fd || lock(m_fd, LOCK_EX | LOCK_NB)) {
        return;
    }
    m_granted = false;
    if (overlap == Overlap::wait) {
        const sys::Fd queue = open_lock(directory + "/" + key + ".next");
        m_granted = queue && lock(queue, LOCK_EX | LOCK_NB) && lock(m_fd, LOCK_EX);
    }
}

}  // namespace dcm::cron
