// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/sha256.hpp>
#include <dcm/volume/volume.hpp>

#include <sys/stat.h>

#include <cerrno>

namespace dcm::volume {

namespace {

void make_own_directory(const std::string& root)
{
    const std::string own = root + "/" + k_own_directory;
    if (mkdir(own.c_str(), 0755) != 0 && errno != EEXIST) {
        throw system_error("cannot create " + quoted(own), errno, ExitCode::cant_create);
    }
}

}  // namespace

void make_manifest(const std::string& root, const std::string& product, const std::string& version,
                   const Classes& classes)
{
    const std::string manifest = format_manifest(scan(root, classes));
    make_own_directory(root);
    sys::write_file_atomically(own_file(root, "manifest"), manifest);
    Marker identity;
    identity.product = product;
    identity.version = version;
    identity.manifest_sha256 = sys::sha256(manifest);
    sys::write_file_atomically(own_file(root, "identity"), format_marker(identity));
}

void prepare_image(const SeedSettings& settings)
{
    Template pristine(settings.source);
    Marker marker = pristine.identity();
    marker.origin = Origin::copied;
    const Tree target(settings.target);
    make_own_directory(target.root());
    sys::write_file_atomically(own_file(target.root(), "manifest"), pristine.text());
    sys::write_file_atomically(own_file(target.root(), "marker"), format_marker(marker));
}

}  // namespace dcm::volume
