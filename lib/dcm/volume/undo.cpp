// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/volume.hpp>

#include <algorithm>

namespace dcm::volume {

namespace {

// The steps that take an upgrade back, from its journal and the two manifests.
class Unplanner {
public:
    Unplanner(const Tree& tree, const Tree& previous, const Manifest& before, const Manifest& after)
        : m_tree(tree), m_previous(previous), m_before(before), m_after(after)
    {
    }

    Plan make(const Journal& undo)
    {
        for (const auto& move : undo.moves) {
            if (move.act == Act::add) {
                take_away(move);
            } else if (move.act == Act::replace) {
                bring_back(move, find(m_after, move.path));
            } else if (move.act == Act::remove) {
                bring_back(move, nullptr);
            } else if (move.act == Act::set_mode) {
                set_mode(move);
            }
        }
        // A directory before what goes into it.
        std::stable_sort(m_plan.begin(), m_plan.end(),
                         [](const Step& a, const Step& b) { return a.entry.path < b.entry.path; });
        return std::move(m_plan);
    }

private:
    void take_away(const Move& move)
    {
        for (const auto& entry : m_after) {
            if (entry.path != move.path && !starts_with(entry.path, move.path + "/")) {
                continue;
            }
            const Found found = m_tree.look(entry.path);
            if (found.exists()) {
                m_plan.push_back(
                    {m_tree.same(found, entry.path, entry) ? Act::remove : Act::keep_edited, entry, found});
            }
        }
    }

    // `placed`: what the upgrade put in its place; nullptr when it only removed.
    void bring_back(const Move& move, const Entry* placed)
    {
        Entry entry;
        entry.path = move.path;
        const Entry* const before = find(m_before, move.path);
        const Found saved = m_previous.look(move.path);
        if (move.act == Act::remove && move.type == Type::directory) {
            entry.type = Type::directory;
            entry.mode = before != nullptr ? before->mode : 0755;
        } else if (!saved.is(Type::file) && !saved.is(Type::link)) {
            return;
        } else {
            entry.type = saved.is(Type::link) ? Type::link : Type::file;
            entry.mode = saved.mode;
            entry.size = saved.size;
            entry.target = saved.is(Type::link) ? m_previous.read_link(move.path) : "";
        }
        const Found found = m_tree.look(move.path);
        if (placed != nullptr) {
            const bool untouched = found.exists() && m_tree.same(found, move.path, *placed);
            m_plan.push_back({untouched ? Act::replace : Act::keep_edited, entry, found});
        } else if (!found.exists() || is_added_instead(move.path, found)) {
            m_plan.push_back({Act::add, entry, {}});
        } else if (!(found.is(Type::directory) && entry.type == Type::directory)) {
            m_plan.push_back({Act::keep_edited, entry, found});
        }
    }

    // A file that became a directory in the image, or the reverse: what goes is in the plan as well.
    bool is_added_instead(const std::string& path, const Found& found) const
    {
        const Entry* const after = find(m_after, path);
        return after != nullptr && m_tree.same(found, path, *after);
    }

    void set_mode(const Move& move)
    {
        const Entry* const before = find(m_before, move.path);
        const Found found = m_tree.look(move.path);
        if (before != nullptr && found.is(before->type) && found.mode == move.mode) {
            m_plan.push_back({Act::set_mode, *before, found});
        }
    }

    const Tree& m_tree;
    const Tree& m_previous;
    const Manifest& m_before;
    const Manifest& m_after;
    Plan m_plan;
};

std::string required_text(const Volume& volume, const std::string& name)
{
    const auto text = sys::read_file(own_file(volume.root(), name));
    if (!text) {
        throw Error(ExitCode::config, "no upgrade of " + quoted(volume.root()) + " to take back; nothing was changed");
    }
    return *text;
}

}  // namespace

void rollback(const SeedSettings& settings, const Notify& notify)
{
    const Volume volume(settings.target, notify);
    const auto current = volume.marker();
    if (!current) {
        throw Error(ExitCode::config, quoted(volume.root()) + " has no marker; nothing was changed");
    }
    required_text(volume, volume.has_pending() ? "pending" : "undo");
    const auto lock = volume.take(settings, current->product);
    const Journal undo = parse_journal(required_text(volume, "undo"), own_file(volume.root(), "undo"));
    const std::string before_text = required_text(volume, "manifest.previous");
    Marker marker = parse_marker(required_text(volume, "marker.previous"), own_file(volume.root(), "marker.previous"));
    const auto now = volume.marker();
    marker.held = now->manifest_sha256;
    const Manifest before = parse_manifest(before_text, own_file(volume.root(), "manifest.previous"));
    const Manifest after = parse_manifest(volume.manifest_text(), own_file(volume.root(), "manifest"));
    const std::string saved = own_file(volume.root(), "previous");
    const Plan plan = Unplanner(volume.tree(), Tree(saved), before, after).make(undo);
    volume.change(plan, saved, volume.tree().look(".").owner, {marker, before_text, Change::rollback}, settings);
    for (const auto& step : plan) {
        if (step.act == Act::keep_edited) {
            notify({Level::warning,
                    "kept " + quoted(step.entry.path) + ": it was changed after the upgrade",
                    {{"path", step.entry.path}}});
        }
    }
    notify(
        {Level::info,
         "took the upgrade of " + quoted(volume.root()) + " from " + marker.version + " to " + now->version + " back",
         {}});
}

}  // namespace dcm::volume
