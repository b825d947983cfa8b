// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/error.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/volume/manifest.hpp>

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace dcm::volume {

struct Owner {
    uid_t uid = 0;
    gid_t gid = 0;
};

// What stands at a path now.
struct Found {
    enum class Kind { nothing, directory, file, link, other };

    Kind kind = Kind::nothing;
    unsigned mode = 0;  // permission bits
    std::uint64_t size = 0;
    std::int64_t mtime = 0;  // ns since the epoch
    Owner owner;
    dev_t device = 0;

    bool is(Type type) const { return kind != Kind::nothing && kind != Kind::other && name_of(kind) == type; }
    bool exists() const { return kind != Kind::nothing; }

private:
    static Type name_of(Kind kind)
    {
        return kind == Kind::directory ? Type::directory : kind == Kind::file ? Type::file : Type::link;
    }
};

// A directory tree, looked at through a descriptor of its root: paths are relative to it.
class Tree {
public:
    // Throws Error(no_input or no_permission) when `root` cannot be opened as a directory.
    explicit Tree(const std::string& root);

    int fd() const { return m_root.get(); }
    const std::string& root() const { return m_path; }
    std::string full(const std::string& path) const { return path == "." ? m_path : m_path + "/" + path; }

    // Never follows a link at the end of `path`. Throws Error(io_error) for anything but absence.
    Found look(const std::string& path) const;
    bool exists(const std::string& path) const { return look(path).exists(); }

    // True when `found`, which stands at `path`, has the type and content of `entry`; reads it only when the size fits.
    bool same(const Found& found, const std::string& path, const Entry& entry) const;

    std::string read_link(const std::string& path) const;
    std::vector<std::string> names_in(const std::string& directory) const;

    void make_directories(const std::string& path, unsigned mode) const;  // parents too; what exists is fine, no link
    void remove_all(const std::string& path) const;                       // absence is fine
    void sync_all() const;                                                // the whole file system

    // "cannot VERB 'ROOT/PATH': REASON; remedy" of errno.
    Error failure(const std::string& verb, const std::string& path) const;

private:
    std::string m_path;
    sys::Fd m_root;
};

}  // namespace dcm::volume
