// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/mounts.hpp>
#include <dcm/sys/sha256.hpp>
#include <dcm/volume/volume.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace dcm::volume {

namespace {

std::unique_ptr<Tree> open_target(const std::string& target)
{
    const std::unique_ptr<char, decltype(&std::free)> real(realpath(target.c_str(), nullptr), std::free);
    struct stat status {};
    if (!real || stat(real.get(), &status) != 0) {
        throw system_error("cannot follow " + quoted(target), errno, ExitCode::no_input);
    }
    if (!S_ISDIR(status.st_mode)) {
        throw Error(ExitCode::config, quoted(target) + " is not a directory; mount a volume there");
    }
    return std::make_unique<Tree>(real.get());
}

}  // namespace

bool is_housekeeping(std::string_view item)
{
    constexpr std::array<std::string_view, 13> names{"lost+found",
                                                     ".snapshot",
                                                     ".snapshots",
                                                     ".zfs",
                                                     "@eaDir",
                                                     "#recycle",
                                                     "#snapshot",
                                                     "@Recycle",
                                                     ".@__thumb",
                                                     ".@upload_cache",
                                                     ".DS_Store",
                                                     "$RECYCLE.BIN",
                                                     "System Volume Information"};
    return std::find(names.begin(), names.end(), item) != names.end();
}

std::string own_file(const std::string& root, const std::string& name)
{
    return root + "/" + k_own_directory + "/" + name;
}

Template::Template(const std::string& source) : m_source(source)
{
    const std::string path = own_file(source, "identity");
    const auto identity = read_marker(path);
    if (!identity) {
        throw Error(ExitCode::no_input,
                    "no template in " + quoted(source) + ": " + quoted(path) +
                        " is missing; set DCM_TEMPLATE, or make it with dcm-seed-volume --make-manifest");
    }
    m_identity = *identity;
}

const std::string& Template::text()
{
    if (m_text.empty()) {
        const std::string path = own_file(m_source, "manifest");
        auto text = sys::read_file(path);
        if (!text || sys::sha256(*text) != m_identity.manifest_sha256) {
            throw Error(ExitCode::data_error, quoted(path) + (text ? " does not fit its identity" : " is missing") +
                                                  "; the image is damaged: pull or build it again");
        }
        m_text = std::move(*text);
    }
    return m_text;
}

const Manifest& Template::manifest()
{
    if (!m_manifest) {
        m_manifest = parse_manifest(text(), own_file(m_source, "manifest"));
    }
    return *m_manifest;
}

Volume::Volume(const std::string& target, const Notify& notify)
    : m_notify(&notify), m_tree(open_target(target)), m_mounts(sys::mounts_below(m_tree->root()))
{
}

std::string Volume::manifest_text() const
{
    const std::string path = own_file(root(), "manifest");
    auto text = sys::read_file(path);
    if (!text) {
        throw Error(ExitCode::data_error, quoted(path) + " is missing; restore that file from a backup");
    }
    return std::move(*text);
}

std::string Volume::foreign_item() const { return foreign_item_below("."); }

std::string Volume::foreign_item_below(const std::string& directory) const
{
    for (const auto& item : m_tree->names_in(directory)) {
        const bool at_root = directory == ".";
        const std::string path = at_root ? item : std::string(directory).append("/").append(item);
        if ((at_root && (item == k_own_directory || is_housekeeping(item))) ||
            std::find(m_mounts.begin(), m_mounts.end(), path) != m_mounts.end()) {
            continue;
        }
        const bool leads_to_mount = std::any_of(
            m_mounts.begin(), m_mounts.end(), [&](const std::string& mount) { return starts_with(mount, path + "/"); });
        std::string foreign = leads_to_mount ? foreign_item_below(path) : path;
        if (!foreign.empty()) {
            return foreign;
        }
    }
    return {};
}

bool Volume::looks_like(const Manifest& manifest) const
{
    std::size_t wanted = 0;
    std::size_t found = 0;
    for (const auto& entry : manifest) {
        if (entry.type == Type::file && (entry.path_class == Class::image || entry.path_class == Class::config)) {
            ++wanted;
            found += m_tree->exists(entry.path) ? 1U : 0U;
        }
    }
    return found > 0 && 2 * found >= wanted;
}

void Volume::check_product(const Marker& marker, const std::string& product) const
{
    if (marker.product != product) {
        throw Error(ExitCode::config, quoted(root()) + " belongs to " + quoted(marker.product) + ", this image is " +
                                          quoted(product) +
                                          "; nothing was touched, mount the volume that belongs here");
    }
}

std::unique_ptr<sys::LockFile> Volume::take(const SeedSettings& settings, const std::string& product) const
{
    if (mkdirat(m_tree->fd(), k_own_directory, 0755) != 0 && errno != EEXIST) {
        throw m_tree->failure("create", k_own_directory);
    }
    if (m_tree->look(k_own_directory).kind != Found::Kind::directory) {
        throw Error(ExitCode::config,
                    quoted(m_tree->full(k_own_directory)) + " is not a directory of the volume; move it away");
    }
    for (const auto& item : m_tree->names_in(k_own_directory)) {
        const std::string place = std::string(k_own_directory) + "/" + item;
        if (m_tree->look(place).kind == Found::Kind::link) {
            throw Error(ExitCode::config, quoted(m_tree->full(place)) +
                                              " is a link, which nobody but an intruder or a mistake puts there; look "
                                              "where it leads and remove it");
        }
    }
    auto lock = std::make_unique<sys::LockFile>(
        own_file(root(), "lock"), settings.lock_timeout, [this](const std::string& holder) {
            notify()({Level::info, quoted(root()) + " is worked on by " + holder + "; waiting", {}});
        });
    if (!lock->effective()) {
        notify()(
            {Level::warning,
             "the file system of " + quoted(root()) + " has no locks, proceeding; start one container at a time on it",
             {}});
    }
    if (has_pending()) {
        notify()({Level::info, "completing what was interrupted on " + quoted(root()), {}});
        finish_pending(*m_tree, product, notify());
    }
    return lock;
}

void Volume::change(const Plan& plan, const std::string& source, Owner owner, const Outcome& outcome,
                    const SeedSettings& settings) const
{
    check_room_and_rights(*m_tree, plan);
    {
        const Tree from(source);
        Progress progress(notify(), "copying to " + quoted(root()), settings.terminal);
        std::uint64_t bytes = 0;
        std::uint64_t files = 0;
        for (const auto& step : plan) {
            const bool copied = step.act == Act::add || step.act == Act::replace || step.act == Act::offer;
            bytes += copied ? step.entry.size : 0;
            files += copied && step.entry.type == Type::file ? 1U : 0U;
        }
        progress.expect(files, bytes);
        const Check check = outcome.change == Change::fill ? Check::suspicious : Check::always;
        Stager stager(*m_tree, from, owner, check, notify(), progress);
        try {
            stager.stage(plan, outcome);
        } catch (const Error&) {
            discard(*m_tree);  // gives the room back at once: the server needs it
            throw;
        }
        stager.commit();
    }
    finish_pending(*m_tree, outcome.marker.product, notify());
}

}  // namespace dcm::volume
