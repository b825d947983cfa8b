// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dcm::volume {

// Everything the toolkit keeps on a volume, or beside a template, is in this directory at its root: an extra file in
// deploy, lib or conf would be loaded by JBoss.
constexpr const char* k_own_directory = ".dcm";

enum class Origin {
    filled,
    adopted,  // made by the original image, taken over as it is
    copied    // by the container engine from the image: to be checked once, then it counts as filled
};

// What a tree is: the template's identity (`.dcm/identity`), the volume's marker (`.dcm/marker`, written last, when all
// that it vouches for is on disk). Small, so that a start
// with nothing to do reads two of them and no manifest.
struct Marker {
    std::string product;          // dcm4chee or dcm4chee-sandbox
    std::string version;          // of the image
    std::string manifest_sha256;  // of the text of `.dcm/manifest`
    Origin origin = Origin::filled;
    std::string held;  // manifest of an image whose upgrade was taken back: not tried again of itself

    bool same_content(const Marker& other) const
    {
        return product == other.product && manifest_sha256 == other.manifest_sha256;
    }
};

std::string format_marker(const Marker& marker);

// The reverse. Lines that a newer image added are passed over, since an older one must start on its volume; they are
// lost when it writes the marker. Throws Error(config) naming `origin` when one that makes it a marker is missing.
Marker parse_marker(const std::string& text, const std::string& origin);

// Dotted versions, numbers by value: negative when `a` is older than `b`, 0 when they are the same, else positive.
int compare_versions(const std::string& a, const std::string& b);

// nullopt when there is no such file.
std::optional<Marker> read_marker(const std::string& path);

}  // namespace dcm::volume
