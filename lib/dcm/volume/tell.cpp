// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/volume/harden.hpp>
#include <dcm/volume/tell.hpp>

#include <algorithm>

namespace dcm::volume {

namespace {

void tell_copied(const Volume& volume, const Plan& plan, const std::string& begin, const std::string& end)
{
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    for (const auto& step : plan) {
        const bool file = step.entry.type == Type::file;
        files += file ? 1U : 0U;
        bytes += file ? step.entry.size : 0U;
    }
    volume.notify()(
        {Level::info,
         begin + quoted(volume.root()) + ": " + std::to_string(files) + " files, " + human_size(bytes) + end,
         {{"files", static_cast<long long>(files)}, {"bytes", static_cast<long long>(bytes)}}});
}

void tell_kept_file(const Volume& volume, const Step& step)
{
    if (step.act == Act::offer) {
        volume.notify()({step.entry.path_class == Class::image ? Level::warning : Level::info,
                         "kept the site's " + quoted(step.entry.path) + "; the image's is " +
                             quoted(own_file(volume.root(), "new/" + step.entry.path)),
                         {{"path", step.entry.path}}});
    } else if (step.act == Act::keep_dropped) {
        volume.notify()({Level::info,
                         "kept " + quoted(step.entry.path) + ", which the image no longer has: the site changed it",
                         {{"path", step.entry.path}}});
    }
}

// "'a', replaced 'b'" of the steps that `test` is true of.
template <typename Test>
std::string list(const Plan& plan, Test test)
{
    std::string text;
    for (const auto& step : plan) {
        if (test(step.act)) {
            const bool replaced = step.act == Act::stand_in && step.entry.type == Type::file;
            text += (text.empty() ? "" : ", ") + std::string(replaced ? "replaced " : "") + quoted(step.entry.path);
        }
    }
    return text;
}

void tell_set_aside(const Volume& volume, const Step& step)
{
    volume.notify()({Level::info,
                     "kept the site's " + quoted(step.entry.path) + "; what hardening had taken out is " +
                         quoted(own_file(volume.root(), "replaced/" + step.entry.path)),
                     {{"path", step.entry.path}}});
}

}  // namespace

void tell_filled(const Volume& volume, const Plan& plan) { tell_copied(volume, plan, "filled ", ""); }

void tell_completed(const Volume& volume, const Plan& plan)
{
    tell_copied(volume, plan, "checked the engine's copy in ", " completed");
    const auto is_replaced = [](const Step& step) { return step.act == Act::replace; };
    const auto first = std::find_if(plan.begin(), plan.end(), is_replaced);
    if (first == plan.end()) {
        return;
    }
    const auto others = std::count_if(first + 1, plan.end(), is_replaced);
    volume.notify()(
        {Level::warning,
         "replaced " + quoted(first->entry.path) +
             (others == 0 ? "" : " and " + std::to_string(others) + " more files") +
             " by the image's, an unfinished copy or an edit from before the first start; what stood there is in " +
             quoted(own_file(volume.root(), "replaced")),
         {{"path", first->entry.path}}});
}

void tell_upgraded(const Volume& volume, const Plan& plan, const std::string& version)
{
    const auto count = [&](Act act) {
        return std::to_string(
            std::count_if(plan.begin(), plan.end(), [&](const Step& step) { return step.act == act; }));
    };
    for (const auto& step : plan) {
        tell_kept_file(volume, step);
    }
    volume.notify()({Level::info,
                     "upgraded " + quoted(volume.root()) + " to image version " + version + ": " + count(Act::add) +
                         " added, " + count(Act::replace) + " replaced, " + count(Act::remove) +
                         " removed; --rollback takes it back",
                     {}});
}

void tell_adopted(const Volume& volume, const std::string& product, bool merged)
{
    volume.notify()({Level::info,
                     "adopted " + quoted(volume.root()) + (merged ? "" : " as it is") +
                         ": a volume without a marker that holds a " + product + " tree",
                     {}});
}

void tell_kept(const Volume& volume, const Marker& image)
{
    const auto marker = volume.marker();
    const bool newer = compare_versions(image.version, marker->version) < 0;
    const bool held = marker->held == image.manifest_sha256;
    volume.notify()({newer ? Level::warning : Level::info,
                     quoted(volume.root()) + " follows image version " + marker->version + ", this one is " +
                         image.version + "; the volume is used as it is" +
                         (newer  ? ", start the newer image for what came with it"
                          : held ? ", since that upgrade was taken back; --on-upgrade merge brings it again"
                                 : ", as --on-upgrade keep says"),
                     {}});
}

void tell_hardened(const Volume& volume, const Plan& plan, Harden level)
{
    const std::string taken = list(plan, [](Act act) { return act == Act::take_out || act == Act::stand_in; });
    const std::string back = list(plan, [](Act act) { return act == Act::bring_back; });
    if (!taken.empty()) {
        volume.notify()({Level::info,
                         "hardened " + quoted(volume.root()) + " (" + std::string(name(level)) + "): took out " +
                             taken + ", kept in " + quoted(own_file(volume.root(), "hardened")) +
                             "; DCM_HARDEN=off brings it back",
                         {{"harden", std::string(name(level))}}});
    }
    if (!back.empty()) {
        volume.notify()({Level::info,
                         "brought " + back + " back to " + quoted(volume.root()) +
                             ", as DCM_HARDEN=" + std::string(name(level)) + " says",
                         {{"harden", std::string(name(level))}}});
    }
    for (const auto& step : plan) {
        if (step.act == Act::set_aside) {
            tell_set_aside(volume, step);
        }
    }
    for (const auto* const door : mounted_doors(volume.tree(), volume.mounts(), level)) {
        volume.notify()({Level::warning,
                         "cannot take out " + quoted(door->path) + ": something is mounted there, proceeding; " +
                             std::string(door->what) + " answers until that mount is taken away",
                         {{"path", std::string(door->path)}}});
    }
}

void tell_open(const Volume& volume)
{
    std::string open;
    for (const auto* const door : open_doors(volume.tree(), Harden::basic)) {
        open += (open.empty() ? "" : ", ") + std::string(door->what);
    }
    if (!open.empty()) {
        volume.notify()(
            {Level::warning,
             quoted(volume.root()) + " answers to anyone without a login at " + open + "; DCM_HARDEN=basic ends that",
             {}});
    }
}

}  // namespace dcm::volume
