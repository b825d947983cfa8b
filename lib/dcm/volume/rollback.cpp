// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/mounts.hpp>
#include <dcm/volume/apply.hpp>
#include <dcm/volume/escape.hpp>
#include <dcm/volume/use.hpp>

#include <unistd.h>

#include <algorithm>

namespace dcm::volume {

namespace {

// A directory that was put brought all that is in it along.
bool is_touched(const Journal& undo, const std::string& path)
{
    return std::any_of(undo.moves.begin(), undo.moves.end(), [&](const Move& move) {
        const bool brings_more = move.act == Act::put && move.type == Type::directory;
        return brings_more ? is_in(path, move.path) : path == move.path;
    });
}

Manifest touched(Manifest manifest, const Journal& undo)
{
    const auto is_left_alone = [&](const Entry& entry) { return !is_touched(undo, entry.path); };
    manifest.erase(std::remove_if(manifest.begin(), manifest.end(), is_left_alone), manifest.end());
    return manifest;
}

// The way back from what an upgrade touched; in `saved` is what it replaced and removed.
Plan decide_back(const Tree& volume, const Tree& saved, const Manifest& now, Manifest before)
{
    for (auto& entry : before) {
        const Found kept = saved.see(entry.path);
        entry.mode = kept.is(Type::file) && entry.type == Type::file ? kept.mode : entry.mode;
    }
    Observation seen = observe(volume, sys::mounts_below(volume.root()), now, before, Scope::changes);
    const auto is_lost = [&](const Sight& sight) {
        return sight.after != nullptr && sight.after->type != Type::directory && !sight.is_after &&
               !saved.see(sight.after->path).is(sight.after->type);
    };
    seen.sights.erase(std::remove_if(seen.sights.begin(), seen.sights.end(), is_lost), seen.sights.end());
    return decide(Course::rollback, seen);
}

void refuse_in_use(const Tree& volume)
{
    if (const auto holder = sys::lock_holder(volume, own_path("lock"))) {
        throw Error(ExitCode::temp_fail, quoted(volume.root()) + " is in use by " + *holder +
                                             "; stop that container first, nothing was changed");
    }
}

}  // namespace

void rollback(const SeedSettings& settings, const Notify& notify)
{
    const Tree volume = open_target(settings.target);
    const std::string product = marker_of(volume, Probe::yes).product;
    const Trust trust = trust_of(volume);
    const auto is_there = [&](const std::string& name) { return volume.see(own_path(name)).exists(); };
    if (!is_there("undo") && !is_there("pending")) {
        throw Error(ExitCode::config, "no upgrade of " + quoted(volume.root()) + " to take back; nothing was changed");
    }
    refuse_in_use(volume);
    const auto record = read_run_as(volume, Probe::yes);
    const sys::Credentials user = record ? record->user : owner_by_root(volume, false);
    keep_out(volume, user, notify);
    const auto held = lock(volume, settings, notify);
    refuse_unfinished_restore(volume, trust);
    complete(volume, product, notify);
    const auto undo_text = read_own(volume, "undo");
    const auto marker_text = read_own(volume, "marker.previous");
    const auto manifest_text = read_own(volume, "manifest.previous");
    if (!undo_text || !marker_text || !manifest_text) {
        throw Error(ExitCode::config, "no upgrade of " + quoted(volume.root()) + " to take back; nothing was changed");
    }
    const Journal undo = parse_journal(*undo_text, volume.full(own_path("undo")));
    const Marker now = marker_of(volume);
    Marker before = parse_marker(*marker_text, volume.full(own_path("marker.previous")));
    before.held = now.manifest_sha256;
    auto saved_directory = volume.enter(own_path("previous"));
    const Tree saved(saved_directory ? sys::Fd(dup(saved_directory->fd())) : sys::Fd(),
                     volume.full(own_path("previous")));
    const Manifest old = parse_manifest(*manifest_text, volume.full(own_path("manifest.previous")));
    const Plan plan = decide_back(volume, saved, touched(manifest_of(volume), undo), touched(old, undo));
    apply(volume, saved, plan, {Change::rollback, before, *manifest_text}, user, settings.terminal, notify);
    tell_rolled_back(volume, plan, now, before, notify);
}

}  // namespace dcm::volume
