// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/sha256.hpp>
#include <dcm/volume/tell.hpp>
#include <dcm/volume/volume.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace dcm::volume {

namespace {

enum class Situation { settled, keep, empty, copied, outdated, unmarked };

// One look at template and volume, one decision, one change.
class Seeding {
public:
    Seeding(const SeedSettings& settings, const Notify& notify)
        : m_settings(settings), m_notify(notify), m_template(settings.source)
    {
    }

    void run()
    {
        if (is_settled()) {
            return;
        }
        make_target();
        const Volume volume(m_settings.target, m_notify);
        refuse_template(volume);
        // Before the lock, since the lock's file would already be a touch on what is not ours.
        const Situation first = look(volume);
        if (first == Situation::keep && !volume.has_pending()) {
            tell_kept(volume, m_template.identity());
            return;
        }
        if (first == Situation::empty && !volume.tree().exists(k_own_directory)) {
            check_room_and_rights(volume.tree(), plan_for(volume, first));
        }
        std::unique_ptr<sys::LockFile> lock;
        const bool complete = first != Situation::empty && first != Situation::copied && !volume.has_pending();
        try {
            lock = volume.take(m_settings, m_template.identity().product);
            act(volume, look(volume));
        } catch (const Error& failure) {
            // A volume that works stays in use: no full disk and no read-only mount keeps the archive down for an
            // upgrade.
            if (!complete || volume.has_pending() || failure.code() == ExitCode::temp_fail) {
                throw;
            }
            m_notify({Level::warning,
                      name_of_change(first) + " is skipped, the volume is used as it is: " + failure.what(),
                      {}});
        }
    }

    std::string name_of_change(Situation situation) const
    {
        const std::string volume = quoted(m_settings.target);
        const std::string& version = m_template.identity().version;
        return situation == Situation::unmarked ? "the adoption of " + volume + " by image version " + version
                                                : "the upgrade of " + volume + " to image version " + version;
    }

    Report report()
    {
        const Tree probe(m_settings.target);
        const Volume volume(m_settings.target, m_notify);
        Report lines;
        if (volume.has_pending()) {
            lines.push_back({"complete", "", "a change was interrupted"});
        }
        const Situation situation = look(volume);
        if (situation == Situation::unmarked) {
            lines.push_back({"adopt", "", "nothing is changed but the marker"});
        }
        for (const auto& step : plan_for(volume, situation)) {
            lines.push_back({std::string(name(step.act)), step.entry.path, std::string(name(step.entry.path_class))});
        }
        return lines;
    }

private:
    // The way of every ordinary start: two small files are read, the tree is not.
    bool is_settled() const
    {
        const auto marker = read_marker(own_file(m_settings.target, "marker"));
        return marker && marker->same_content(m_template.identity()) && marker->origin != Origin::copied &&
               access(own_file(m_settings.target, "pending").c_str(), F_OK) != 0;
    }

    // It would be adopted and marked: the image's only pristine copy.
    void refuse_template(const Volume& volume) const
    {
        struct stat source {};
        struct stat target {};
        if (stat(m_settings.source.c_str(), &source) == 0 && fstat(volume.tree().fd(), &target) == 0 &&
            source.st_dev == target.st_dev && source.st_ino == target.st_ino) {
            throw Error(ExitCode::config,
                        quoted(volume.root()) + " is the template itself; name the volume as --target");
        }
    }

    void make_target() const
    {
        if (mkdir(m_settings.target.c_str(), 0755) != 0 && errno != EEXIST) {
            throw system_error("cannot create " + quoted(m_settings.target), errno, ExitCode::cant_create,
                               errno == ENOENT ? "its parent directory is missing: check --target and DCM4CHEE_HOME"
                                               : "");
        }
    }

    Situation look(const Volume& volume)
    {
        const Marker& identity = m_template.identity();
        const auto marker = volume.marker();
        if (!marker) {
            return look_unmarked(volume);
        }
        volume.check_product(*marker, identity.product);
        if (marker->origin == Origin::copied) {
            return Situation::copied;
        }
        if (marker->same_content(identity)) {
            return Situation::settled;
        }
        const bool asked = m_settings.on_upgrade == OnUpgrade::merge;
        const bool held = marker->held == identity.manifest_sha256 && !asked;
        const bool newer = compare_versions(identity.version, marker->version) < 0;
        return held || newer || m_settings.on_upgrade == OnUpgrade::keep ? Situation::keep : Situation::outdated;
    }

    Situation look_unmarked(const Volume& volume)
    {
        // A change that is under way, or was: its journal is the proof of whose the volume is.
        if (volume.has_pending() || volume.is_empty()) {
            return Situation::empty;
        }
        if (volume.looks_like(m_template.manifest())) {
            return Situation::unmarked;
        }
        // Another process may have filled it between those two looks.
        if (volume.has_pending() || volume.marker()) {
            return Situation::empty;
        }
        throw Error(ExitCode::config, quoted(m_settings.target) + " is neither empty (it holds " +
                                          quoted(volume.foreign_item()) + ") nor a " + m_template.identity().product +
                                          " tree; nothing was touched, mount an empty volume or the right one");
    }

    Plan plan_for(const Volume& volume, Situation situation)
    {
        Planner planner(volume.tree(), volume.mounts());
        switch (situation) {
        case Situation::empty:
            return planner.make({}, m_template.manifest(), Purpose::fill);
        case Situation::copied:
            m_base = m_template.manifest();
            return planner.make({}, m_base, Purpose::repair);
        case Situation::outdated:
            m_base = base_of(volume);
            return planner.make(m_base, m_template.manifest(), Purpose::upgrade);
        case Situation::unmarked:
            if (m_settings.on_upgrade == OnUpgrade::merge) {
                m_base = recognised(volume, Missing::image_adds_it);
                return planner.make(m_base, m_template.manifest(), Purpose::upgrade);
            }
            m_base = recognised(volume, Missing::deleted_by_site);
            return {};
        case Situation::settled:
        case Situation::keep:
            return {};
        }
        return {};
    }

    static Manifest base_of(const Volume& volume)
    {
        return parse_manifest(volume.manifest_text(), own_file(volume.root(), "manifest"));
    }

    void act(const Volume& volume, Situation situation)
    {
        const Plan plan = plan_for(volume, situation);
        Marker marker = m_template.identity();
        switch (situation) {
        case Situation::keep:
            tell_kept(volume, m_template.identity());
            return;
        case Situation::settled:
            return;
        case Situation::empty:
        case Situation::copied:
            fill(volume, plan, marker, situation);
            return;
        case Situation::unmarked:
            adopt(volume, plan, marker);
            return;
        case Situation::outdated:
            marker.origin = volume.marker()->origin;
            volume.change(plan, m_settings.source, volume.tree().look(".").owner,
                          {marker, m_template.text(), Change::upgrade}, m_settings);
            tell_upgraded(volume, plan, marker.version);
            tell_hardened(volume);
        }
    }

    void fill(const Volume& volume, const Plan& plan, const Marker& marker, Situation situation)
    {
        const Owner owner = choose_owner(volume);
        check_room_and_rights(volume.tree(), plan);
        if (situation == Situation::empty) {
            take_over(volume, plan, owner);
        }
        volume.change(plan, m_settings.source, owner, {marker, m_template.text(), Change::fill}, m_settings);
        situation == Situation::empty ? tell_filled(volume, plan) : tell_completed(volume, plan);
    }

    // The root, and directories that were made for a mount inside, go to who gets all the rest. Where the file system
    // knows no owners that is said once, by the copying.
    static void take_over(const Volume& volume, const Plan& plan, Owner owner)
    {
        const auto give = [&](const std::string& path, Owner now) {
            if (now.uid != owner.uid || now.gid != owner.gid) {
                [[maybe_unused]] const int ignored =
                    fchownat(volume.tree().fd(), path.c_str(), owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW);
            }
        };
        give(".", volume.tree().look(".").owner);
        for (const auto& step : plan) {
            if (step.act == Act::set_mode) {
                give(step.entry.path, step.found.owner);
            }
        }
    }

    enum class Missing { deleted_by_site, image_adds_it };

    // What on a volume without a marker is the image's, by content. All else is the site's.
    Manifest recognised(const Volume& volume, Missing missing)
    {
        Manifest known;
        for (const auto& entry : m_template.manifest()) {
            const Found found = volume.tree().look(entry.path);
            if (found.exists() ? volume.tree().same(found, entry.path, entry) : missing == Missing::deleted_by_site) {
                known.push_back(entry);
            }
        }
        return known;
    }

    void adopt(const Volume& volume, const Plan& plan, Marker marker)
    {
        marker.origin = Origin::adopted;
        const bool merge = m_settings.on_upgrade == OnUpgrade::merge;
        const std::string known = merge ? m_template.text() : format_manifest(m_base);
        volume.change(plan, m_settings.source, volume.tree().look(".").owner, {marker, known, Change::fill},
                      m_settings);
        tell_adopted(volume, marker.product, merge);
    }

    const SeedSettings& m_settings;
    const Notify& m_notify;
    Template m_template;
    Manifest m_base;
};

}  // namespace

void seed(const SeedSettings& settings, const Notify& notify)
{
    Seeding(settings, notify).run();
    tell_open(settings.target, notify);
}

Report plan(const SeedSettings& settings)
{
    const Notify silent = [](const Notice&) {};
    struct stat status {};
    if (stat(settings.target.c_str(), &status) != 0 && errno == ENOENT) {
        Report lines;
        Template pristine(settings.source);
        for (const auto& entry : pristine.manifest()) {
            lines.push_back({"add", entry.path, std::string(name(entry.path_class))});
        }
        return lines;
    }
    return Seeding(settings, silent).report();
}

}  // namespace dcm::volume
