// SPDX-License-Identifier: Apache-2.0
#include <dcm/volume/durable.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace dcm::volume {

namespace {

constexpr std::size_t k_few = 8;

}  // namespace

void Durable::add(const std::string& path)
{
    if (m_paths.size() <= k_few) {
        m_paths.insert(path);
    }
}

void Durable::sync()
{
    const bool few = m_paths.size() <= k_few;
    if (!few || !std::all_of(m_paths.begin(), m_paths.end(), [&](const auto& path) { return sync_one(path); })) {
        m_tree.sync_all();
    }
    m_paths.clear();
}

// False when that must be left to syncfs: a file that may not be opened, say.
bool Durable::sync_one(const std::string& path) const
{
    const sys::Fd fd(openat(m_tree.fd(), path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) {
        // A symbolic link is a name in its directory and nothing more.
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
    }
    if (fsync(fd.get()) == 0) {
        return true;
    }
    if (errno == EIO || errno == ENOSPC || errno == EDQUOT) {
        throw m_tree.failure("make durable", path);
    }
    return false;
}

}  // namespace dcm::volume
