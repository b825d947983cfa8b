// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/doors.hpp>
#include <dcm/volume/harden.hpp>

#include <algorithm>

namespace dcm::volume {

namespace {

constexpr std::string_view k_page = "index.html";

bool is_mounted(const std::vector<std::string>& mounts, std::string_view path)
{
    return std::any_of(mounts.begin(), mounts.end(),
                       [&](const std::string& mount) { return is_in(mount, path) || is_in(path, mount); });
}

bool is_shut(const Tree& tree, const Door& door) { return tree.look_at(kept_path(door.path)).exists(); }

const Step* brought(const Plan& merge, Act act, const Door& door)
{
    const auto step = std::find_if(merge.begin(), merge.end(), [&](const Step& candidate) {
        return candidate.act == act && candidate.entry.path == door.path;
    });
    return step == merge.end() ? nullptr : &*step;
}

std::string text_of(const Tree& tree, std::string_view place)
{
    return sys::read_file(tree.full(std::string(place))).value_or("");
}

std::string page_of(const Tree& tree, const std::string& application)
{
    return text_of(tree, application + "/" + std::string(k_page));
}

std::string page_for(const Tree& tree, const Manifest& base, const Door& door)
{
    const std::string path = std::string(door.path) + "/" + std::string(k_page);
    const Found found = tree.look(path);
    const Entry* const known = find(base, path);
    const bool is_own = found.is(Type::file) && (known == nullptr || !tree.same(found, path, *known));
    return is_own ? page_of(tree, std::string(door.path)) : std::string(stand_in_page());
}

Step shut(const Door& door)
{
    const bool is_file = door.stand_in == StandIn::detached;
    Entry entry;
    entry.path = door.path;
    entry.type = is_file ? Type::file : Type::directory;
    entry.mode = is_file ? 0644 : 0755;
    entry.path_class = Class::image;
    return {door.stand_in == StandIn::none ? Act::take_out : Act::stand_in, entry, {}, {}};
}

// nullopt: what a site has put there has no addresses to change, or is no file.
std::optional<std::string> detached_of(const Tree& tree, std::string_view place)
{
    return tree.look_at(std::string(place)).is(Type::file) ? detach_web(text_of(tree, place)) : std::nullopt;
}

// What takes the place of what stands at `door`; nullopt when that is no door at all.
std::optional<std::string> stand_in_for(const Tree& tree, const Door& door, const Manifest& base)
{
    switch (door.stand_in) {
    case StandIn::page:
        return page_for(tree, base, door);
    case StandIn::detached:
        return detached_of(tree, door.path);
    case StandIn::none:
        break;
    }
    return "";
}

}  // namespace

std::string_view stand_in_page()
{
    return "<!DOCTYPE html>\n<html>\n<head><title>PACS</title></head>\n<body><p>This server is "
           "running.</p></body>\n</html>\n";
}

bool has_stand_in(const Tree& tree, const std::string& door)
{
    const Found found = tree.look_at(door);
    if (door_of(door)->stand_in == StandIn::detached) {
        return found.is(Type::file) && detached_of(tree, kept_path(door)) == text_of(tree, door);
    }
    if (door_of(door)->stand_in == StandIn::none || found.kind != Found::Kind::directory) {
        return false;
    }
    const auto names = tree.names_at(door);
    const std::string page = page_of(tree, door);
    return names.empty() || (names.size() == 1 && names.front() == k_page &&
                             (page == stand_in_page() || page == page_of(tree, kept_path(door))));
}

bool is_own_stand_in(const Tree& tree, const std::string& path)
{
    return path == k_web_server && tree.at(path) != path && tree.look_at(path).exists() && !has_stand_in(tree, path);
}

Plan plan_hardening(const Tree& tree, const std::vector<std::string>& mounts, const Manifest& base, const Plan& merge,
                    Harden level)
{
    Plan plan;
    for (const auto& door : k_doors) {
        Step step = shut(door);
        step.found = tree.look_at(step.entry.path);
        const bool is_here = step.found.exists();
        const bool is_kept = is_shut(tree, door);
        // A file that the merge places is not here yet: its stand-in is made from it when both are staged.
        const Step* const follows = door.stand_in == StandIn::detached ? brought(merge, Act::replace, door) : nullptr;
        const bool comes = follows != nullptr || brought(merge, Act::add, door) != nullptr;
        if (door.level <= level && !is_kept && (is_here || comes) && !is_mounted(mounts, door.path)) {
            const auto text = comes && door.stand_in == StandIn::detached ? "" : stand_in_for(tree, door, base);
            if (text) {
                step.page = *text;
                plan.push_back(std::move(step));
            }
        } else if (door.level > level && is_kept) {
            step.act = is_here && !has_stand_in(tree, step.entry.path) ? Act::set_aside : Act::bring_back;
            plan.push_back(std::move(step));
        } else if (follows != nullptr && is_own_stand_in(tree, step.entry.path)) {
            plan.push_back({Act::offer, follows->entry, step.found});
        }
    }
    return plan;
}

Plan plan_hardening_of_new(const Manifest& image, Harden level)
{
    Plan plan;
    for (const auto& door : k_doors) {
        if (door.level <= level && find(image, door.path) != nullptr) {
            plan.push_back(shut(door));
        }
    }
    return plan;
}

std::vector<const Door*> mounted_doors(const Tree& tree, const std::vector<std::string>& mounts, Harden level)
{
    std::vector<const Door*> doors = open_doors(tree, level);
    const auto free =
        std::remove_if(doors.begin(), doors.end(), [&](const Door* door) { return !is_mounted(mounts, door->path); });
    doors.erase(free, doors.end());
    return doors;
}

Harden level_of(const Tree& tree)
{
    Harden level = Harden::off;
    for (const auto& door : k_doors) {
        level = is_shut(tree, door) ? std::max(level, door.level) : level;
    }
    return level;
}

std::vector<const Door*> open_doors(const Tree& tree, Harden level)
{
    std::vector<const Door*> doors;
    for (const auto& door : k_doors) {
        if (door.level > level || !tree.look_at(std::string(door.path)).exists()) {
            continue;
        }
        const bool stands_in = door.stand_in != StandIn::none && is_shut(tree, door);
        const bool is_none = !stands_in && door.stand_in == StandIn::detached && !detached_of(tree, door.path);
        if (!stands_in && !is_none) {
            doors.push_back(&door);
        }
    }
    return doors;
}

}  // namespace dcm::volume
