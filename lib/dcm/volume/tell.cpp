// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/volume/tell.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>

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

void tell_hardened(const Volume& volume)
{
    if (volume.tree().exists(std::string(k_own_directory) + "/hardened")) {
        volume.notify()({Level::info,
                         "what DCM_HARDEN took out of " + quoted(volume.root()) + " stays out and is kept in " +
                             quoted(own_file(volume.root(), "hardened")) + "; copy back what you miss",
                         {}});
    }
}

void tell_open(const std::string& target, const Notify& notify)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 2> open{
        {{"deploy/http-invoker.sar", "/invoker/ (runs what anyone sends)"},
         {"deploy/jboss-web.deployer/ROOT.war/WEB-INF", "/status"}}};
    std::string what;
    std::string where;
    for (const auto& [path, page] : open) {
        if (access((target + "/").append(path).c_str(), F_OK) == 0) {
            what += (what.empty() ? "" : ", ") + std::string(page);
            where += (where.empty() ? "" : " and ") + quoted(path);
        }
    }
    if (!what.empty()) {
        notify({Level::warning,
                quoted(target) + " answers to anyone without a login at " + what +
                    "; start once with DCM_ON_UPGRADE=merge, or remove " + where,
                {}});
    }
}

}  // namespace dcm::volume
