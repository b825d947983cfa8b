// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace dcm::volume {

enum class Origin {
    filled,
    adopted,  // made by the original image, taken over as it is
    copied    // by the container engine from the image: to be checked once, then it counts as filled
};

// What a tree is: the template's identity (`.dcm/identity`), the volume's marker (`.dcm/marker`, written last, when all
// that it vouches for is on disk). Small, so that a start with nothing to do reads two of them and no manifest.
struct Marker {
    std::string product;     // dcm4chee or dcm4chee-sandbox
    std::string version;     // the image's tag: for people
    std::uint64_t time = 0;  // of the image, in seconds: which of two is newer; 0 for one made before there was one
    std::string manifest_sha256;  // of the text of `.dcm/manifest`: two images with the same are the same
    Origin origin = Origin::filled;
    std::string held;  // manifest of an image whose upgrade was taken back: not tried again of itself

    bool same_content(const Marker& other) const
    {
        return product == other.product && manifest_sha256 == other.manifest_sha256;
    }

    // By time; two of the same second by their versions, in which numbers count by value.
    bool is_newer_than(const Marker& other) const;

    // "1.0 of 2026-11-28 09:10:11 UTC".
    std::string name() const;
};

std::string format_marker(const Marker& marker);

// The reverse. Lines that a newer image added are passed over, since an older one must start on its volume; they are
// lost when it writes the marker. Throws Error(config) naming `origin` when one that makes it a marker is missing.
Marker parse_marker(const std::string& text, const std::string& origin);

// The marker of the volume at `server`; nullopt when it has none, or none that is to be trusted.
std::optional<Marker> read_marker_of(const std::string& server);

}  // namespace dcm::volume
