// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/mounts.hpp>
#include <dcm/volume/apply.hpp>
#include <dcm/volume/pristine.hpp>
#include <dcm/volume/seed.hpp>
#include <dcm/volume/use.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <map>

namespace dcm::volume {

namespace {

Tree make_target(const std::string& target)
{
    if (mkdir(target.c_str(), 0755) != 0 && errno != EEXIST) {
        throw system_error("cannot create " + quoted(target), errno, ExitCode::cant_create,
                           errno == ENOENT ? "its parent directory is missing: check --target and DCM4CHEE_HOME" : "");
    }
    return open_target(target);
}

// One look at template and volume, one decision, one change.
class Seeding {
public:
    Seeding(const SeedSettings& settings, Probe probe, const Notify& notify)
        : m_settings(settings), m_probe(probe), m_notify(notify), m_template(settings.source),
          m_volume(make_target(settings.target)), m_mounts(sys::mounts_below(m_volume.root()))
    {
        refuse_template();
        look();
    }

    void run()
    {
        if (m_state.own == Trust::closed) {
            use_as_it_is();
            return;
        }
        if (changes_nothing() && !m_state.has_pending && m_state.own != Trust::open && is_kept_out(m_volume)) {
            if (m_settings.keeps_lock && lock(m_volume, m_settings, m_notify).effective()) {  // for what this becomes
                remove_leftovers(m_volume);
            }
            tell_if_kept();
            return;
        }
        if (m_course == Course::fill && m_state.own == Trust::none) {
            check_room_and_rights(m_volume, decided());
        }
        const bool is_complete = m_course != Course::fill && m_course != Course::repair && !m_state.has_pending;
        const std::string change = name_of_change();
        try {
            act();
        } catch (const Error& failure) {
            // A volume that works stays in use: no full disk and no read-only mount keeps the archive down for an
            // upgrade.
            const bool is_pending = is_read(trust_of(m_volume)) && m_volume.see(own_path("pending")).exists();
            if (!is_complete || is_pending || failure.code() == ExitCode::temp_fail) {
                throw;
            }
            m_notify({Level::warning, change + " is skipped, the volume is used as it is: " + failure.what(), {}});
        }
    }

    Report report()
    {
        Report lines;
        if (m_state.own == Trust::closed) {
            return {{"keep", "", "'.dcm' is of root: nothing is known of the volume"}};
        }
        if (m_state.has_pending) {
            lines.push_back({"complete", "", "a change was interrupted"});
        }
        if (m_course == Course::adopt || m_course == Course::merge) {
            lines.push_back({"adopt", "", "from then on the volume follows the image"});
        }
        const Report steps = report_of(decided());
        lines.insert(lines.end(), steps.begin(), steps.end());
        return lines;
    }

    const Tree& volume() const { return m_volume; }

private:
    // Root filled the volume, and we are not root: nothing in `.dcm` is to be seen, the lock included.
    void use_as_it_is() const
    {
        const std::string own =
            quoted(m_volume.full(k_own_directory)) + " is of root, and this is uid " + std::to_string(geteuid());
        if (m_course == Course::fill) {
            throw Error(ExitCode::no_permission,
                        own + ": the volume cannot be filled; start once as root, or mount an empty volume");
        }
        m_notify(
            {Level::warning,
             own + ": the volume is used as it is, without a lock and without upgrades; those need a start as root",
             {}});
    }

    // It would be adopted and marked: the image's only pristine copy.
    void refuse_template() const
    {
        struct stat source {};
        struct stat target {};
        if (fstat(m_template.tree().fd(), &source) == 0 && fstat(m_volume.fd(), &target) == 0 &&
            source.st_dev == target.st_dev && source.st_ino == target.st_ino) {
            throw Error(ExitCode::config,
                        quoted(m_volume.root()) + " is the template itself; name the volume as --target");
        }
    }

    // Throws Error(config) for a volume that is not ours to touch, Error(temp_fail) for one that is being restored.
    void look()
    {
        const Marker& image = m_template.identity();
        m_state = observe_state(m_volume, m_mounts, m_template, m_probe);
        refuse_unfinished_restore(m_volume, m_state.own);
        m_course = judge(m_state, image, m_settings.on_upgrade);
        if (m_course == Course::other_product) {
            throw Error(ExitCode::config, quoted(m_volume.root()) + " belongs to " + quoted(m_state.marker->product) +
                                              ", this image is " + quoted(image.product) +
                                              "; nothing was touched, mount the volume that belongs here");
        }
        if (m_course == Course::unknown) {
            throw Error(ExitCode::config, quoted(m_settings.target) + " is neither empty (it holds " +
                                              quoted(m_state.foreign_item) + ") nor a " + image.product +
                                              " tree; nothing was touched, mount an empty volume or the right one");
        }
        refuse_unfinished_change();
    }

    // A `.dcm` that is not read says nothing, but a tree that a change may have left half done is not adopted.
    void refuse_unfinished_change()
    {
        if (m_state.own != Trust::foreign || (m_course != Course::adopt && m_course != Course::merge) ||
            !m_volume.see(own_path("pending")).exists()) {
            return;
        }
        for (const auto& entry : m_template.manifest()) {
            if (follows_image(entry.path_class) && entry.type == Type::file && !m_volume.see(entry.path).exists()) {
                throw Error(ExitCode::config,
                            quoted(m_volume.full(k_own_directory)) +
                                " is not as this toolkit makes it, holds a change that was not finished, and " +
                                quoted(entry.path) +
                                " is missing; nothing was touched, restore the volume from a backup");
            }
        }
    }

    std::string name_of_change() const
    {
        const std::string volume = quoted(m_settings.target);
        if (changes_nothing()) {
            return "the protection of " + volume;
        }
        return (m_course == Course::upgrade ? "the upgrade of " + volume + " to"
                                            : "the adoption of " + volume + " by") +
               " image version " + m_template.identity().version;
    }

    bool changes_nothing() const { return m_course == Course::settled || m_course == Course::keep; }

    Plan decided()
    {
        if (changes_nothing()) {
            return {};
        }
        const bool is_upgrade = m_course == Course::upgrade;
        const bool is_new = m_course == Course::fill || m_course == Course::repair;
        const Manifest base = is_new ? Manifest() : is_upgrade ? manifest_of(m_volume) : m_template.original();
        const auto seen =
            observe(m_volume, m_mounts, base, m_template.manifest(), is_upgrade ? Scope::changes : Scope::all);
        if (m_course == Course::adopt) {
            m_recognised = format_manifest(recognised(seen));
        }
        return decide(m_course, seen);
    }

    // Who gets what is new on the volume, and is kept out of `.dcm`.
    sys::Credentials user() const
    {
        if (geteuid() != 0) {
            return {geteuid(), getegid()};
        }
        const auto record = read_run_as(m_volume, Probe::yes);
        if (m_settings.run_as || record) {
            return m_settings.run_as ? *m_settings.run_as : record->user;
        }
        return owner_by_root(m_volume, m_course == Course::fill);
    }

    void act()
    {
        if (m_state.own == Trust::foreign) {
            tell_set_aside(set_foreign_aside(m_volume));
        }
        const sys::Credentials runs = user();
        take_over_own();
        if (m_state.own == Trust::open) {
            m_volume.clear(own_path("restore"));  // the server could have written it
        }
        keep_out(m_volume, runs, m_notify);
        const auto held = lock(m_volume, m_settings, m_notify);
        if (held.effective()) {
            remove_leftovers(m_volume);
        }
        complete(m_volume, m_template.identity().product, m_notify);
        look();
        if (!read_run_as(m_volume, Probe::yes)) {
            write_run_as(m_volume, {runs, false, false});
        }
        change(runs);
    }

    void tell_set_aside(const std::string& name) const
    {
        const auto holds = [&](const char* item) { return m_volume.see(name + "/" + item).exists(); };
        std::string of_the_site;
        for (const auto* const item : {"hardened", "replaced"}) {
            of_the_site += holds(item) ? (of_the_site.empty() ? "" : " and ") + std::string(item) + "/" : "";
        }
        m_notify({Level::warning,
                  quoted(m_volume.full(k_own_directory)) +
                      " is not as this toolkit makes it, and is not read; it is now " + quoted(m_volume.full(name)) +
                      (holds("pending") ? ", with a change that was not finished" : "") + ": copy back what is yours" +
                      (of_the_site.empty() ? "" : " (" + of_the_site + ")") +
                      ", keep it until you have looked who did that",
                  {}});
    }

    // What the engine copied from the image is root's, and we are not: ours from now on, as it is.
    void take_over_own() const
    {
        const sys::Fd own = m_volume.open(k_own_directory, O_PATH | O_DIRECTORY);
        if (geteuid() == 0 || !own || faccessat(own.get(), ".", W_OK | X_OK, AT_EACCESS) == 0) {
            return;
        }
        std::map<std::string, std::string> texts;
        for (const auto* const name : {"manifest", "marker"}) {
            texts[name] = read_own(m_volume, name).value_or("");
        }
        set_foreign_aside(m_volume);
        protect(m_volume, {geteuid(), getegid()});
        for (const auto& [name, text] : texts) {
            sys::write_file_atomically(m_volume, own_path(name), text, 0600);
        }
    }

    void change(const sys::Credentials& owner)
    {
        if (changes_nothing()) {
            tell_if_kept();
            return;
        }
        const Plan plan = decided();
        Outcome outcome{Change::fill, m_template.identity(), m_template.text()};
        if (m_course == Course::fill) {
            take_over(plan, owner);
        } else if (m_course == Course::upgrade) {
            outcome.change = Change::upgrade;
            outcome.marker.origin = m_state.marker->origin;
        } else if (m_course == Course::adopt || m_course == Course::merge) {
            outcome.change = Change::adopt;
            outcome.marker.origin = Origin::adopted;
            outcome.manifest = m_course == Course::adopt ? m_recognised : m_template.text();
        }
        apply(m_volume, m_template.tree(), plan, outcome, owner, m_settings.terminal, m_notify);
        tell_done(m_course, m_volume, plan, m_template.identity(), m_notify);
    }

    // Directories that were made for a mount inside go to who gets all the rest. Where the file system knows no owners
    // that is said once, by the copying.
    void take_over(const Plan& plan, const sys::Credentials& owner) const
    {
        for (const auto& step : plan) {
            if (step.choice == Choice::set_mode && step.found.owner.uid != owner.uid) {
                static_cast<void>(m_volume.chown(step.entry.path, owner.uid, owner.gid));
            }
        }
    }

    void tell_if_kept() const
    {
        if (m_course == Course::keep) {
            tell_kept(m_volume, *m_state.marker, m_template.identity(), m_notify);
        }
    }

    const SeedSettings& m_settings;
    const Probe m_probe;
    const Notify& m_notify;
    Template m_template;
    Tree m_volume;
    std::vector<std::string> m_mounts;
    State m_state;
    Course m_course = Course::settled;
    std::string m_recognised;  // of an adopted volume: the manifest that it follows
};

}  // namespace

void seed(const SeedSettings& settings, const Notify& notify)
{
    Seeding seeding(settings, Probe::yes, notify);
    seeding.run();
    tell_open(seeding.volume(), notify);
}

Report plan(const SeedSettings& settings)
{
    const Notify silent = [](const Notice&) {};
    struct stat status {};
    if (stat(settings.target.c_str(), &status) != 0 && errno == ENOENT) {
        Observation nothing;
        Template pristine(settings.source);
        for (const auto& entry : pristine.manifest()) {
            nothing.sights.push_back({nullptr, &entry, {}});
        }
        return report_of(decide(Course::fill, nothing));
    }
    return Seeding(settings, Probe::no, silent).report();
}

Report verify(const SeedSettings& settings)
{
    const Tree volume = open_target(settings.target);
    marker_of(volume);
    Report report = differences(volume, sys::mounts_below(volume.root()), manifest_of(volume));
    if (volume.see(own_path("pending")).exists()) {
        report.push_back({"unfinished", "", "a change was interrupted; the next start completes it"});
    }
    return report;
}

}  // namespace dcm::volume
