// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/volume/marker.hpp>
#include <dcm/volume/plan.hpp>

#include <algorithm>
#include <array>

namespace dcm::volume {

namespace {

bool same_content(const Entry& a, const Entry& b)
{
    return a.type == b.type && a.size == b.size && a.sha256 == b.sha256 && a.target == b.target;
}

bool follows_image(const Entry& entry) { return entry.path_class == Class::image || entry.path_class == Class::config; }

std::string parent_of(const std::string& path)
{
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace

std::string_view name(Act act)
{
    constexpr std::array<std::string_view, 8> names{"add",   "replace",      "remove",      "mode",
                                                    "offer", "keep-dropped", "keep-edited", "withdraw"};
    return names.at(static_cast<std::size_t>(act));
}

Planner::Planner(const Tree& tree, const std::vector<std::string>& mounts)
    : m_tree(tree), m_closed(mounts.begin(), mounts.end())
{
}

bool Planner::is_closed(const std::string& path) const
{
    return !m_closed.empty() && (m_closed.count(path) != 0 || m_closed.count(parent_of(path)) != 0);
}

void Planner::close(const Entry& entry)
{
    if (entry.type == Type::directory) {
        m_closed.insert(entry.path);
    }
}

Plan Planner::make(const Manifest& base, const Manifest& image, Purpose purpose)
{
    m_purpose = purpose;
    auto before = base.begin();
    auto after = image.begin();
    while (before != base.end() || after != image.end()) {
        const bool has_after = after != image.end() && (before == base.end() || after->path <= before->path);
        const bool has_before = before != base.end() && (after == image.end() || before->path <= after->path);
        consider(has_before ? &*before : nullptr, has_after ? &*after : nullptr);
        before += has_before ? 1 : 0;
        after += has_after ? 1 : 0;
    }
    if (purpose == Purpose::upgrade) {
        withdraw_stale(std::string(k_own_directory) + "/new", image);
    }
    return std::move(m_plan);
}

void Planner::consider(const Entry* before, const Entry* after)
{
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): `make` gives at least one of both
    const Entry& entry = after != nullptr ? *after : *before;
    const bool left_alone =
        m_purpose == Purpose::upgrade && (!follows_image(entry) || (before != nullptr && !follows_image(*before)));
    if (left_alone || is_closed(entry.path)) {
        close(entry);
        return;
    }
    if (after == nullptr) {
        dropped(*before);
    } else if (before == nullptr) {
        without_base(*after);
    } else {
        with_base(*before, *after);
    }
}

void Planner::with_base(const Entry& before, const Entry& after)
{
    if (same_content(before, after) && after.type != Type::directory && before.mode == after.mode) {
        return;
    }
    const Found found = m_tree.look(after.path);
    if (!found.exists()) {
        close(after);  // deleted by the site: stays deleted, with all that the image would put below
        return;
    }
    if (same_content(before, after)) {
        if (!found.is(after.type)) {
            close(after);
        } else {
            mode_follows(before, after, found);
        }
        return;
    }
    if (m_tree.same(found, after.path, after)) {
        mode_follows(before, after, found);
    } else if (!m_tree.same(found, after.path, before)) {
        m_own.insert(after.path);
        m_plan.push_back({Act::offer, after, found});
        close(after);
    } else if (before.type != Type::directory && after.type != Type::directory) {
        Entry entry = after;
        entry.mode = found.mode == before.mode || before.type != after.type ? after.mode : found.mode;
        m_plan.push_back({Act::replace, entry, found});
    } else {
        m_plan.push_back({Act::remove, before, found});
        m_plan.push_back({Act::add, after, {}});
    }
}

void Planner::without_base(const Entry& after)
{
    const Found found = m_tree.look(after.path);
    if (!found.exists()) {
        m_plan.push_back({Act::add, after, {}});
        return;
    }
    if (m_purpose == Purpose::upgrade) {
        if (!m_tree.same(found, after.path, after)) {
            m_own.insert(after.path);
            m_plan.push_back({Act::offer, after, found});
            close(after);
        }
        return;
    }
    if (found.is(Type::directory) && after.type == Type::directory) {
        m_plan.push_back({Act::set_mode, after, found});  // made for a mount inside it, or by an unfinished copy
    } else if (m_purpose == Purpose::fill || found.is(Type::directory) || after.type == Type::directory) {
        close(after);
    } else if (!m_tree.same(found, after.path, after)) {
        m_plan.push_back({Act::replace, after, found});
    }
}

void Planner::dropped(const Entry& before)
{
    const Found found = m_tree.look(before.path);
    if (!found.exists()) {
        close(before);
    } else if (m_tree.same(found, before.path, before)) {
        m_plan.push_back({Act::remove, before, found});
    } else {
        m_plan.push_back({Act::keep_dropped, before, found});
        close(before);
    }
}

void Planner::mode_follows(const Entry& before, const Entry& after, const Found& found)
{
    if (after.type != Type::link && before.mode != after.mode && found.mode == before.mode) {
        m_plan.push_back({Act::set_mode, after, found});
    }
}

void Planner::withdraw_stale(const std::string& directory, const Manifest& image)
{
    const std::string prefix = std::string(k_own_directory) + "/new/";
    for (const auto& item : m_tree.names_in(directory)) {
        const std::string kept = std::string(directory).append("/").append(item);
        if (m_tree.look(kept).kind == Found::Kind::directory) {
            withdraw_stale(kept, image);
            continue;
        }
        const std::string path = kept.substr(prefix.size());
        const Entry* const entry = find(image, path);
        const bool alternative = entry != nullptr && m_tree.same(m_tree.look(kept), kept, *entry) &&
                                 m_tree.exists(path) && !m_tree.same(m_tree.look(path), path, *entry);
        if (!alternative && m_own.count(path) == 0) {
            Entry gone;
            gone.path = path;
            m_plan.push_back({Act::withdraw, gone, {}});
        }
    }
}

}  // namespace dcm::volume
