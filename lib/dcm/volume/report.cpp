// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/volume/report.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace dcm::volume {

namespace {

void tell_copied(const Tree& volume, const Plan& plan, const std::string& begin, const std::string& end,
                 const Notify& notify)
{
    const auto [files, bytes] = copied_by(plan);
    notify({Level::info,
            begin + quoted(volume.root()) + ": " + std::to_string(files) + " files, " + human_size(bytes) + end,
            {{"files", static_cast<long long>(files)}, {"bytes", static_cast<long long>(bytes)}}});
}

std::string counts(const Plan& plan)
{
    const auto count = [&](Choice choice) {
        return std::to_string(
            std::count_if(plan.begin(), plan.end(), [&](const Step& step) { return step.choice == choice; }));
    };
    return count(Choice::add) + " added, " + count(Choice::replace) + " replaced, " + count(Choice::remove) +
           " removed";
}

void tell_kept_files(const Tree& volume, const Plan& plan, const Notify& notify)
{
    for (const auto& step : plan) {
        const std::string path = quoted(step.entry.path);
        if (step.choice == Choice::offer) {
            const bool is_directory = step.entry.type == Type::directory;
            notify({step.entry.path_class == PathClass::image ? Level::warning : Level::info,
                    "kept the site's " + path +
                        (is_directory ? ", where the image has a directory"
                                      : "; the image's is " + quoted(volume.full(own_path("new/") + step.entry.path))),
                    {{"path", step.entry.path}}});
        } else if (step.choice == Choice::keep_dropped) {
            notify({Level::info,
                    "kept " + path + ", which the image no longer has: the site changed it",
                    {{"path", step.entry.path}}});
        }
    }
}

// What an earlier version of this toolkit took out of the server's reach stays out of it.
void tell_hardened(const Tree& volume, const Notify& notify)
{
    if (volume.see(own_path("hardened")).exists()) {
        notify({Level::info,
                "what DCM_HARDEN took out of " + quoted(volume.root()) + " stays out and is kept in " +
                    quoted(volume.full(own_path("hardened"))) + "; copy back what you miss",
                {}});
    }
}

void tell_repaired(const Tree& volume, const Plan& plan, const Notify& notify)
{
    tell_copied(volume, plan, "checked the engine's copy in ", " completed", notify);
    const auto is_replaced = [](const Step& step) { return step.choice == Choice::replace; };
    const auto first = std::find_if(plan.begin(), plan.end(), is_replaced);
    if (first == plan.end()) {
        return;
    }
    const auto others = std::count_if(first + 1, plan.end(), is_replaced);
    notify({Level::warning,
            "replaced " + quoted(first->entry.path) +
                (others == 0 ? "" : " and " + std::to_string(others) + " more files") +
                " by the image's, an unfinished copy or an edit from before the first start; what stood there is in " +
                quoted(volume.full(own_path("replaced"))),
            {{"path", first->entry.path}}});
}

void tell_upgraded(const Tree& volume, const Plan& plan, const Marker& image, const Notify& notify)
{
    tell_kept_files(volume, plan, notify);
    notify({Level::info,
            "upgraded " + quoted(volume.root()) + " to image version " + image.name() + ": " + counts(plan) +
                "; --rollback takes it back",
            {}});
    tell_hardened(volume, notify);
}

std::string adopted(const Tree& volume, const Marker& image)
{
    return "adopted " + quoted(volume.root()) + ", a volume without a marker that holds a " + image.product + " tree";
}

void tell_merged(const Tree& volume, const Plan& plan, const Marker& image, const Notify& notify)
{
    tell_kept_files(volume, plan, notify);
    notify({Level::info, adopted(volume, image) + ", and brought what the image has: " + counts(plan), {}});
}

void tell_adopted(const Tree& volume, const Plan& plan, const Marker& image, const Notify& notify)
{
    notify({Level::info, adopted(volume, image) + (plan.empty() ? ", as it is" : ""), {}});
    for (const auto& step : plan) {
        notify({Level::info,
                "replaced " + quoted(step.entry.path) +
                    ", with which jmx-console cannot work on this image's Java; the original's is " +
                    quoted(volume.full(own_path("replaced/") + step.entry.path)),
                {{"path", step.entry.path}}});
    }
}

}  // namespace

Report report_of(const Plan& plan)
{
    Report lines;
    for (const auto& step : plan) {
        lines.push_back({std::string(name(step.choice)), step.entry.path, std::string(name(step.entry.path_class))});
    }
    return lines;
}

void tell_done(Course course, const Tree& volume, const Plan& plan, const Marker& image, const Notify& notify)
{
    if (course == Course::fill) {
        tell_copied(volume, plan, "filled ", "", notify);
    } else if (course == Course::repair) {
        tell_repaired(volume, plan, notify);
    } else if (course == Course::upgrade) {
        tell_upgraded(volume, plan, image, notify);
    } else if (course == Course::merge) {
        tell_merged(volume, plan, image, notify);
    } else if (course == Course::adopt) {
        tell_adopted(volume, plan, image, notify);
    }
}

void tell_rolled_back(const Tree& volume, const Plan& plan, const Marker& from, const Marker& to, const Notify& notify)
{
    for (const auto& step : plan) {
        if (step.choice == Choice::keep_edited) {
            notify({Level::warning,
                    "kept " + quoted(step.entry.path) + ": it was changed after the upgrade",
                    {{"path", step.entry.path}}});
        }
    }
    notify({Level::info,
            "took " + quoted(volume.root()) + " back from image version " + from.name() + " to " + to.name(),
            {}});
}

void tell_kept(const Tree& volume, const Marker& marker, const Marker& image, const Notify& notify)
{
    const bool is_newer = marker.is_newer_than(image);
    const bool was_taken_back = marker.held == image.manifest_sha256;
    notify({is_newer ? Level::warning : Level::info,
            quoted(volume.root()) + " follows image version " + marker.name() + ", this one is " + image.name() +
                "; the volume is used as it is" +
                (is_newer         ? ", start the newer image for what came with it"
                 : was_taken_back ? ", since that upgrade was taken back; --on-upgrade merge brings it again"
                                  : ", as --on-upgrade keep says"),
            {}});
}

void tell_open(const Tree& volume, const Notify& notify)
{
    struct Door {
        std::string path;
        std::string_view sign;  // in the file that stands there, if anything
        std::string removed;
        std::string_view answers;
    };
    const std::string servlet = "deploy/http-invoker.sar";
    const std::string page = "deploy/jboss-web.deployer/ROOT.war/WEB-INF";
    const std::string console = "deploy/management/console-mgr.sar/web-console.war/WEB-INF/web.xml";
    const std::array<Door, 3> doors{
        {{servlet, "", servlet, "/invoker/ (runs what anyone sends)"},
         {page, "", page, "/status"},
         // The login holds for the named methods alone.
         {console, "<http-method>", "deploy/management", "/web-console/ (by HEAD and PUT)"}}};
    constexpr std::uint64_t max_bytes = 1U << 16U;
    std::string what;
    std::string where;
    for (const auto& door : doors) {
        const Found found = volume.see(door.path);
        const bool is_open =
            door.sign.empty() ? found.exists()
                              : found.is(Type::file) && found.size < max_bytes &&
                                    volume.read(door.path, max_bytes).value_or("").find(door.sign) != std::string::npos;
        if (is_open) {
            what += (what.empty() ? "" : ", ") + std::string(door.answers);
            where += (where.empty() ? "" : " and ") + quoted(door.removed);
        }
    }
    if (!what.empty()) {
        notify({Level::warning,
                quoted(volume.root()) + " answers to anyone without a login at " + what +
                    "; start once with DCM_ON_UPGRADE=merge, or remove " + where,
                {}});
    }
}

}  // namespace dcm::volume
