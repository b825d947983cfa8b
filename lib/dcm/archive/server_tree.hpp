// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/beneath.hpp>
#include <dcm/sys/process.hpp>

#include <optional>
#include <string>
#include <vector>

namespace dcm::archive {

// A directory that cannot be used.
struct Denied {
    std::string path;
    sys::Credentials owner;
    bool read_only = false;
};

// "UID:GID"
std::string str(const sys::Credentials& user);

// server/default as root sees it who prepares it for another user: no link in it is followed but one of root's in the
// place of the archive, which an administrator made.
class ServerTree {
public:
    // Throws Error(no_input or no_permission).
    explicit ServerTree(const std::string& server);

    const std::string& root() const { return m_tree.root(); }
    std::string archive() const { return m_tree.full("archive"); }

    // The first directory of the archive, down to that of this hour, in which `user` cannot make a file. Without
    // capabilities. Throws Error(no_permission) when this process cannot become that user.
    std::optional<Denied> first_denied_of_archive(const std::optional<sys::Credentials>& user) const;

    // Whether `user` can make a file in the deepest of those directories that is there.
    bool can_store_now(const std::optional<sys::Credentials>& user) const;

    // The first directory that the server writes beside it, or datasource file that it reads. Links are
    // left out: a server could keep every later start down by one.
    std::optional<Denied> first_denied_of_state(const std::optional<sys::Credentials>& user) const;

    bool is_archive_writable_by_us() const;

    // Make the archive directory, when there is none, for `user`.
    void make_archive(const sys::Credentials& user) const;

    // False when it is not empty, a link that is not among `links`, or cannot be given.
    bool give_empty_archive(const sys::Credentials& user, sys::Beneath::Links links) const;

    // All that the server writes beside the archive, through no link, and the datasource files; false when something
    // could not be given.
    bool give_state(const sys::Credentials& user) const;

private:
    std::vector<std::string> state() const;
    std::vector<std::string> datasources() const;
    std::vector<std::string> archive_of_now() const;
    std::optional<Denied> first_denied(const std::optional<sys::Credentials>& user,
                                       const std::vector<std::string>& paths, sys::Beneath::Links links) const;
    Denied denied(const std::string& path, bool read_only) const;

    sys::Beneath m_tree;
};

}  // namespace dcm::archive
