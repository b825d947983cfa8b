// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/names.hpp>
#include <dcm/core/text.hpp>
#include <dcm/volume/apply.hpp>
#include <dcm/volume/use.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

namespace dcm::volume {

Tree open_target(const std::string& target)
{
    const std::unique_ptr<char, decltype(&std::free)> real(realpath(target.c_str(), nullptr), std::free);
    struct stat status {};
    if (!real || stat(real.get(), &status) != 0) {
        throw system_error("cannot follow " + quoted(target), errno, ExitCode::no_input);
    }
    if (!S_ISDIR(status.st_mode)) {
        throw Error(ExitCode::config, quoted(target) + " is not a directory; mount a volume there");
    }
    return Tree(real.get());
}

Manifest manifest_of(const Tree& volume)
{
    const auto text = read_own(volume, "manifest");
    if (!text) {
        throw Error(ExitCode::data_error,
                    quoted(volume.full(own_path("manifest"))) + " is missing; restore that file from a backup");
    }
    return parse_manifest(*text, volume.full(own_path("manifest")));
}

Marker marker_of(const Tree& volume, Probe probe)
{
    const auto text = is_read(trust_of(volume, probe)) ? read_own(volume, "marker") : std::nullopt;
    if (!text) {
        throw Error(ExitCode::config, quoted(volume.root()) + " has no marker; nothing was changed");
    }
    return parse_marker(*text, volume.full(own_path("marker")));
}

sys::LockFile lock(const Tree& volume, const SeedSettings& settings, const Notify& notify)
{
    sys::LockFile held(volume, own_path("lock"), settings.lock_timeout, [&](const std::string& holder) {
        notify({Level::info, quoted(volume.root()) + " is in use by " + holder + "; waiting until that ends", {}});
    });
    if (!held.effective()) {
        notify({Level::warning,
                "nothing can be locked on the file system of " + quoted(volume.root()) +
                    ", proceeding; start one container at a time on it",
                {}});
    } else if (settings.keeps_lock) {
        held.keep();
    }
    return held;
}

void refuse_unfinished_restore(const Tree& volume, Trust trust)
{
    constexpr Names<3> phases{"database", "aside", "configuration"};
    const bool is_believed = trust == Trust::ours || trust == Trust::unowned;
    const bool is_there = is_believed && volume.see(own_path("restore")).is(Type::file);
    const std::string text = is_there ? read_own(volume, "restore").value_or("") : std::string();
    const auto lines = split(text, '\n');
    const auto value_of = [&](std::string_view name) {
        const auto line = std::find_if(lines.begin(), lines.end(), [&](auto l) { return starts_with(l, name); });
        return line == lines.end() ? std::string() : std::string(line->substr(name.size()));
    };
    const std::string phase = value_of("phase ");
    if (lines.front() != "dcm-restore 1" || !find_in<std::size_t>(phases, phase)) {
        return;
    }
    // Which backup it was is repeated only where nobody but root can have written it.
    const std::string remedy =
        trust == Trust::ours
            ? "go on with it: /opt/dcm/maintenance/restore " + quoted(value_of("backup "))
            : "go on with it by /opt/dcm/maintenance/restore and the backup's name; if nobody has begun one, remove " +
                  quoted(volume.full(own_path("restore")));
    throw Error(ExitCode::temp_fail,
                "a restore on " + quoted(volume.root()) + " has not finished (phase " + phase + "); " + remedy);
}

void keep_out(const Tree& volume, const sys::Credentials& user, const Notify& notify)
{
    for (const auto& name : protect(volume, user)) {
        notify({Level::warning,
                "removed " + quoted(volume.full(own_path(name))) +
                    ", a link or the like, which nobody but an intruder or a mistake puts there",
                {}});
    }
}

void complete(const Tree& volume, const std::string& product, const Notify& notify)
{
    if (volume.see(own_path("pending")).exists()) {
        notify({Level::info, "completing what was interrupted on " + quoted(volume.root()), {}});
        finish_pending(volume, product, notify);
    }
}

}  // namespace dcm::volume
