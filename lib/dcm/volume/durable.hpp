// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/volume/tree.hpp>

#include <set>
#include <string>

namespace dcm::volume {

// Collects what was written and makes it durable with the least waiting: a few paths by one fsync each, since syncfs
// also waits for whatever others wrote to that disk; more by one syncfs, which from a dozen paths on was measured to be
// the faster one, on an idle disk and on a busy one.
class Durable {
public:
    explicit Durable(const Tree& tree) : m_tree(tree) {}

    // A file that was written, or a directory in which names changed. What is gone when `sync` comes is passed over.
    void add(const std::string& path);

    // Throws Error(unavailable or io_error).
    void sync();

private:
    bool sync_one(const std::string& path) const;

    const Tree& m_tree;
    std::set<std::string> m_paths;
};

}  // namespace dcm::volume
