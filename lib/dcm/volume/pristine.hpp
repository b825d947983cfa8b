// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/volume/marker.hpp>
#include <dcm/volume/tree.hpp>

#include <optional>
#include <string>

namespace dcm::volume {

// The pristine tree of an image: what it is, and its manifests once they are needed.
class Template {
public:
    // Throws Error(no_input) when there is none, Error(config) when its identity is damaged.
    explicit Template(const std::string& source);

    const Tree& tree() const { return m_tree; }
    const Marker& identity() const { return m_identity; }

    // Throw Error(data_error) when they do not fit the identity, or are damaged.
    const std::string& text();
    const Manifest& manifest();

    // What the original image has otherwise than this one; empty where that is not known.
    Manifest original() const;

private:
    Tree m_tree;
    Marker m_identity;
    std::string m_text;
    std::optional<Manifest> m_manifest;
};

}  // namespace dcm::volume
