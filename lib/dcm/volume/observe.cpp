// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/housekeeping.hpp>
#include <dcm/volume/escape.hpp>
#include <dcm/volume/observe.hpp>

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

namespace dcm::volume {

namespace {

bool is_looked_at(const Entry* before, const Entry* after)
{
    if ((before != nullptr && !follows_image(before->path_class)) ||
        (after != nullptr && !follows_image(after->path_class))) {
        return false;
    }
    return before == nullptr || after == nullptr || after->type == Type::directory || !same_content(*before, *after) ||
           before->mode != after->mode;
}

Sight see(const Tree& volume, const Entry* before, const Entry* after)
{
    const std::string& path = before != nullptr ? before->path : after->path;
    Sight sight{before, after, volume.see(path)};
    if (!sight.found.exists()) {
        return sight;
    }
    sight.is_before = before != nullptr && volume.same(sight.found, path, *before);
    sight.is_after =
        after != nullptr &&
        (before != nullptr && same_content(*before, *after) ? sight.is_before : volume.same(sight.found, path, *after));
    return sight;
}

std::string foreign_item_below(const Tree& volume, const std::vector<std::string>& mounts, const std::string& directory)
{
    for (const auto& path : volume.list(directory)) {
        if (is_not_the_sites(path) || std::find(mounts.begin(), mounts.end(), path) != mounts.end()) {
            continue;
        }
        const bool leads_to_mount = std::any_of(
            mounts.begin(), mounts.end(), [&](const std::string& mount) { return starts_with(mount, path + "/"); });
        std::string foreign = leads_to_mount ? foreign_item_below(volume, mounts, path) : path;
        if (!foreign.empty()) {
            return foreign;
        }
    }
    return {};
}

bool looks_like_server(const Tree& volume, const Manifest& image)
{
    std::size_t wanted = 0;
    std::size_t found = 0;
    for (const auto& entry : image) {
        if (entry.type == Type::file && follows_image(entry.path_class)) {
            ++wanted;
            found += volume.see(entry.path).exists() ? 1U : 0U;
        }
    }
    return found > 0 && 2 * found >= wanted;
}

void observe_offers(const Tree& volume, const std::string& directory, const Manifest& after, std::vector<Offer>& offers)
{
    const std::string root = own_path("new");
    for (const auto& kept : volume.list(directory)) {
        const Found found = volume.see(kept);
        if (found.kind == Found::Kind::directory) {
            observe_offers(volume, kept, after, offers);
            continue;
        }
        const std::string path = kept.substr(root.size() + 1);
        const Entry* const entry = find(after, path);
        const Found stands = volume.see(path);
        offers.push_back({path, entry != nullptr && volume.same(found, kept, *entry) && stands.exists() &&
                                    !volume.same(stands, path, *entry)});
    }
}

// A marker that makes no sense is a fault where nobody but us can have written it; anywhere else it is no marker.
void observe_own(const Tree& volume, State& state)
try {
    const auto text = read_own(volume, "marker");
    state.marker = text ? std::optional(parse_marker(*text, volume.full(own_path("marker")))) : std::nullopt;
    state.has_pending = volume.see(own_path("pending")).exists();
} catch (const Error&) {
    if (state.own == Trust::ours) {
        throw;
    }
    state.own = Trust::foreign;
}

}  // namespace

bool is_not_the_sites(const std::string& path)
{
    return starts_with(path, k_own_directory) || sys::is_housekeeping(path);
}

bool is_mounted(const std::vector<std::string>& mounts, std::string_view path)
{
    return std::any_of(mounts.begin(), mounts.end(), [&](const std::string& mount) { return is_in(path, mount); });
}

State observe_state(const Tree& volume, const std::vector<std::string>& mounts, Template& image, Probe probe)
{
    State state;
    state.own = trust_of(volume, probe);
    if (is_read(state.own)) {
        observe_own(volume, state);
    }
    if (!state.marker && !state.has_pending) {
        state.foreign_item = foreign_item_below(volume, mounts, ".");
        state.looks_like_server = !state.foreign_item.empty() && looks_like_server(volume, image.manifest());
    }
    return state;
}

Observation observe(const Tree& volume, const std::vector<std::string>& mounts, const Manifest& before,
                    const Manifest& after, Scope scope)
{
    std::map<std::string_view, std::pair<const Entry*, const Entry*>> entries;
    for (const auto& entry : before) {
        entries[entry.path].first = &entry;
    }
    for (const auto& entry : after) {
        entries[entry.path].second = &entry;
    }
    Observation seen;
    std::unordered_set<std::string> absent;
    for (const auto& [path, both] : entries) {
        const auto& [was, is] = both;
        if (is_mounted(mounts, path) || (scope == Scope::changes && !is_looked_at(was, is))) {
            continue;
        }
        // Nothing stands below what is not there: a volume that is filled is not looked at 3 000 times.
        const bool is_below_nothing = absent.count(sys::parent_directory(std::string(path))) != 0;
        seen.sights.push_back(is_below_nothing ? Sight{was, is, {}} : see(volume, was, is));
        if (!seen.sights.back().found.exists()) {
            absent.emplace(path);
        }
    }
    if (scope == Scope::changes) {
        observe_offers(volume, own_path("new"), after, seen.offers);
    }
    return seen;
}

}  // namespace dcm::volume
