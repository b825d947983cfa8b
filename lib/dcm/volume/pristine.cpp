// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/sha256.hpp>
#include <dcm/volume/own.hpp>
#include <dcm/volume/pristine.hpp>
#include <dcm/volume/seed.hpp>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

namespace dcm::volume {

namespace {

Tree open_template(const std::string& source)
{
    Tree tree(sys::open_fd(source, O_RDONLY | O_DIRECTORY), source);
    if (tree.fd() < 0 || !tree.look(own_path("identity"))) {
        throw Error(ExitCode::no_input, "no template in " + quoted(source) + ": " +
                                            quoted(tree.full(own_path("identity"))) +
                                            " is missing; set DCM_TEMPLATE, or make it with dcm-seed-volume "
                                            "--make-manifest");
    }
    return tree;
}

void write_own(const Tree& tree, const std::string& name, const std::string& content)
{
    sys::write_file_atomically(tree, own_path(name), content, 0644);
}

}  // namespace

Template::Template(const std::string& source)
    : m_tree(open_template(source)),
      m_identity(parse_marker(read_own(m_tree, "identity").value_or(""), m_tree.full(own_path("identity"))))
{
}

const std::string& Template::text()
{
    if (m_text.empty()) {
        auto text = read_own(m_tree, "manifest");
        if (!text || sys::sha256(*text) != m_identity.manifest_sha256) {
            throw Error(ExitCode::data_error, quoted(m_tree.full(own_path("manifest"))) +
                                                  (text ? " does not fit its identity" : " is missing") +
                                                  "; the image is damaged: pull or build it again");
        }
        m_text = std::move(*text);
    }
    return m_text;
}

const Manifest& Template::manifest()
{
    if (!m_manifest) {
        m_manifest = parse_manifest(text(), m_tree.full(own_path("manifest")));
    }
    return *m_manifest;
}

Manifest Template::original() const
{
    const auto text = read_own(m_tree, "original");
    return text ? parse_manifest(*text, m_tree.full(own_path("original"))) : Manifest();
}

void make_manifest(const std::string& root, Marker identity, const std::optional<std::string>& original,
                   Classify classify)
{
    const Tree tree(root);
    const auto before = original ? sys::read_file(*original) : std::nullopt;
    if (original && !before) {
        throw Error(ExitCode::no_input, "no manifest in " + quoted(*original) + ": no such file");
    }
    const Manifest image = scan(root, classify);
    const std::string text = format_manifest(image);
    if (!tree.make_directory(k_own_directory, 0755) && errno != EEXIST) {
        throw tree.failure("create", k_own_directory);
    }
    if (before) {
        Manifest others = parse_manifest(*before, *original);
        const auto is_same = [&](const Entry& entry) {
            const Entry* const now = find(image, entry.path);
            return now != nullptr && same_content(*now, entry);
        };
        others.erase(std::remove_if(others.begin(), others.end(), is_same), others.end());
        write_own(tree, "original", format_manifest(others));
    }
    write_own(tree, "manifest", text);
    identity.manifest_sha256 = sys::sha256(text);
    write_own(tree, "identity", format_marker(identity));
}

void prepare_image(const SeedSettings& settings)
{
    Template pristine(settings.source);
    Marker marker = pristine.identity();
    marker.origin = Origin::copied;
    const Tree target(settings.target);
    if (!target.make_directory(k_own_directory, 0755) && errno != EEXIST) {
        throw target.failure("create", k_own_directory);
    }
    write_own(target, "manifest", pristine.text());
    write_own(target, "marker", format_marker(marker));
}

}  // namespace dcm::volume
