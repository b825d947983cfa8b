// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/fd.hpp>

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::sys {

// A directory in which somebody else may write, and all that is below it. Nothing here follows a symbolic link or
// leaves the directory, whatever part of a path is one and whoever renames what in the meantime: the kernel resolves
// the path so (openat2), or every part of it is opened by itself. Mounts below are entered.
//
// Paths are relative, and "." is the directory itself. What fails says why in errno: ELOOP or ENOTDIR for a link, EXDEV
// for a path that is absolute or has a part that is empty, "." or "..".
class Beneath {
public:
    // `root` is the caller's own path: links in it are followed. Throws Error(no_input or no_permission).
    explicit Beneath(const std::string& root);

    // `root` is open as a directory already; `name` is what messages call it.
    Beneath(Fd root, std::string name) : m_name(std::move(name)), m_root(std::move(root)) {}

    int fd() const { return m_root.get(); }
    const std::string& root() const { return m_name; }
    std::string full(const std::string& path) const { return path == "." ? m_name : m_name + "/" + path; }

    // Empty on failure. A link that stands at `path` can be opened with O_PATH alone.
    Fd open(const std::string& path, int flags, unsigned mode = 0600) const;

    // The directory that holds the last part of `path`, for the calls of the system that take one and a name.
    Fd open_parent(const std::string& path) const;

    // What stands at `path`, a link itself. nullopt on failure.
    std::optional<struct stat> look(const std::string& path) const;

    // The whole of a regular file; nullopt when nothing stands there. Reads no more than `max_bytes` whatever its size
    // is said to be, and waits for no FIFO. Throws Error(no_input) for anything else, a link included, naming it.
    std::optional<std::string> read(const std::string& path, std::uint64_t max_bytes) const;

    // The names in a directory, in no order. nullopt on failure.
    std::optional<std::vector<std::string>> names(const std::string& path) const;
    std::optional<std::string> read_link(const std::string& path) const;

    // All of these return false on failure.
    bool make_directory(const std::string& path, unsigned mode) const;
    bool rename(const std::string& from, const std::string& to, unsigned flags = 0) const;  // flags of renameat2
    bool symbolic_link(const std::string& target, const std::string& path) const;
    bool remove(const std::string& path) const;            // anything but a directory
    bool remove_directory(const std::string& path) const;  // an empty one
    bool remove_all(const std::string& path) const;        // absence is fine; what is mounted inside is not entered
    bool chmod(const std::string& path, unsigned mode) const;
    bool chown(const std::string& path, uid_t uid, gid_t gid) const;  // of a link: the link's own
    bool set_times(const std::string& path, const struct stat& like) const;

    // `path` as a directory of its own. With `Links::of_root` the links on the way that belong to root are followed, as
    // an administrator makes them (archive -> /mnt/nas); not for a tree in which a server writes that runs as root.
    // nullopt on failure.
    enum class Links { none, of_root };
    std::optional<Beneath> enter(const std::string& path, Links links = Links::none) const;

private:
    std::string m_name;
    Fd m_root;
};

// Whether `path` is one that Beneath takes: relative, without a part that is empty, "." or "..", or "." itself.
bool is_beneath(const std::string& path);

// What Beneath does where the kernel, or what filters calls to it, has no openat2: part by part. For tests.
Fd open_part_by_part(int root, const std::string& path, int flags, unsigned mode);

}  // namespace dcm::sys
