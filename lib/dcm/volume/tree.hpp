// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/error.hpp>
#include <dcm/sys/beneath.hpp>
#include <dcm/sys/process.hpp>
#include <dcm/volume/manifest.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::volume {

// Everything the toolkit keeps on a volume, or beside a template, is in this directory at its root: an extra file in
// deploy, lib or conf would be loaded by JBoss.
constexpr const char* k_own_directory = ".dcm";

// ".dcm/NAME".
std::string own_path(const std::string& name);

// What stands at a path now.
struct Found {
    enum class Kind { nothing, directory, file, link, other };

    Kind kind = Kind::nothing;
    unsigned mode = 0;  // permission bits
    std::uint64_t size = 0;
    std::int64_t mtime = 0;  // ns since the epoch
    sys::Credentials owner;

    bool is(Type type) const;
    bool exists() const { return kind != Kind::nothing; }
};

// A tree of files with what this room asks of one: paths as in sys::Beneath, failures as Error.
class Tree : public sys::Beneath {
public:
    using sys::Beneath::Beneath;

    // Throws Error(io_error) for anything but absence. What a link leads to is not there.
    Found see(const std::string& path) const;

    // True when `found`, which stands at `path`, has the type and content of `entry`; reads it only when the size fits.
    bool same(const Found& found, const std::string& path, const Entry& entry) const;

    // The paths of what is in a directory, in no order; none for one that is not there. Throws Error(no_input).
    std::vector<std::string> list(const std::string& directory) const;

    // With parents; what exists is fine, a link is not. Throws Error.
    void ensure_directory(const std::string& path, unsigned mode) const;
    void clear(const std::string& path) const;  // remove_all or Error

    // Make durable what was written to `paths` (files, and directories in which names changed; what is gone is passed
    // over) and the whole file system where that is the faster way. Throws Error.
    void make_durable(const std::vector<std::string>& paths) const;

    // "cannot VERB 'ROOT/PATH': REASON; remedy" of errno.
    Error failure(const std::string& verb, const std::string& path) const;

private:
    bool sync_one(const std::string& path) const;
};

}  // namespace dcm::volume
