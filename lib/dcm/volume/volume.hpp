// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/lock.hpp>
#include <dcm/volume/change.hpp>
#include <dcm/volume/seed.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::volume {

// What file systems, storage appliances and desktops put at the root of a share.
bool is_housekeeping(std::string_view item);

std::string own_file(const std::string& root, const std::string& name);

// The template: what it is, and its manifest once that is needed.
class Template {
public:
    explicit Template(const std::string& source);

    const Marker& identity() const { return m_identity; }
    const std::string& source() const { return m_source; }

    // Throws Error(data_error) when they do not fit the identity.
    const std::string& text();
    const Manifest& manifest();

private:
    std::string m_source;
    Marker m_identity;
    std::string m_text;
    std::optional<Manifest> m_manifest;
};

// The volume, opened: no link and no relative part in its path.
class Volume {
public:
    // Throws Error(config) when `target` is not a directory, Error(no_input or no_permission) when it cannot be opened.
    Volume(const std::string& target, const Notify& notify);

    const Tree& tree() const { return *m_tree; }
    const std::string& root() const { return m_tree->root(); }
    const std::vector<std::string>& mounts() const { return m_mounts; }

    std::optional<Marker> marker() const { return read_marker(own_file(root(), "marker")); }
    std::string manifest_text() const;
    bool has_pending() const { return m_tree->exists(std::string(k_own_directory) + "/pending"); }

    // Nothing but mounts, what leads to them, `.dcm`, and what file systems and storage appliances keep in every share
    // (lost+found, @eaDir…).
    bool is_empty() const { return foreign_item().empty(); }
    std::string foreign_item() const;  // something else that is there; empty when there is nothing

    // Half of the image's code and configuration in place: a server tree, not somebody's photo collection.
    bool looks_like(const Manifest& manifest) const;

    // Throws Error(config) when `marker` is of another product than `product`.
    void check_product(const Marker& marker, const std::string& product) const;

    // Lock, and complete what was interrupted.
    std::unique_ptr<sys::LockFile> take(const SeedSettings& settings, const std::string& product) const;

    // Stage `plan` and do it. Throws Error before the first byte when room or rights are missing.
    void change(const Plan& plan, const std::string& source, Owner owner, const Outcome& outcome,
                const SeedSettings& settings) const;

    const Notify& notify() const { return *m_notify; }

private:
    std::string foreign_item_below(const std::string& directory) const;

    const Notify* m_notify;
    std::unique_ptr<Tree> m_tree;
    std::vector<std::string> m_mounts;
};

// Throws Error(unavailable or no_permission) when `plan` cannot be carried out: room, inodes, rights, read-only mount.
void check_room_and_rights(const Tree& volume, const Plan& plan);

// Who gets what a fill makes: the owner of the root, but the image's user `dcm` where that is uid 0.
Owner choose_owner(const Volume& volume);

}  // namespace dcm::volume
