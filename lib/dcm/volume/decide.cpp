// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/volume/decide.hpp>
#include <dcm/volume/escape.hpp>

#include <array>
#include <unordered_set>

namespace dcm::volume {

namespace {

std::string parent_of(const std::string& path)
{
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

class Deciding {
public:
    explicit Deciding(Purpose purpose) : m_purpose(purpose) {}

    Plan run(const Observation& seen)
    {
        for (const auto& sight : seen.sights) {
            // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a sight has at least one of both
            const Entry& entry = sight.after != nullptr ? *sight.after : *sight.before;
            if (m_closed.count(parent_of(entry.path)) != 0) {
                close(entry);
            } else {
                consider(m_purpose == Purpose::merge ? as_followed(sight) : sight);
            }
        }
        for (const auto& offer : seen.offers) {
            if (!offer.is_alternative && m_own.count(offer.path) == 0 && is_upgrade()) {
                Entry gone;
                gone.path = offer.path;
                m_plan.push_back({Choice::withdraw, gone, {}});
            }
        }
        return std::move(m_plan);
    }

private:
    bool is_upgrade() const { return m_purpose == Purpose::upgrade || m_purpose == Purpose::merge; }

    // What a volume without a marker follows is what it has.
    static Sight as_followed(Sight sight)
    {
        if (!sight.is_before) {
            sight.before = sight.is_after ? sight.after : nullptr;
            sight.is_before = sight.is_after;
        }
        return sight;
    }

    void consider(const Sight& sight)
    {
        if (m_purpose == Purpose::adopt) {
            adopt(sight);
        } else if (sight.before == nullptr && sight.after == nullptr) {
            // Of the original alone, and not as the original has it.
        } else if (sight.after == nullptr) {
            dropped(sight);
        } else if (sight.before != nullptr) {
            with_base(sight);
        } else if (m_purpose == Purpose::fill || m_purpose == Purpose::repair) {
            complete(sight);
        } else {
            new_in_image(sight);
        }
    }

    void adopt(const Sight& sight)
    {
        if (sight.after != nullptr && sight.is_before && !sight.is_after && sight.after->path == k_needed_by_java) {
            add_step(Choice::replace, *sight.after, sight.found);
        }
    }

    void with_base(const Sight& sight)
    {
        const Entry& before = *sight.before;
        const Entry& after = *sight.after;
        if (!sight.found.exists()) {
            close(after);  // deleted by the site: stays deleted, with all that the image would put below
        } else if (sight.is_after) {
            mode_follows(sight);
        } else if (same_content(before, after)) {
            close(after);
        } else if (!sight.is_before) {
            own(after, sight.found);
        } else if (before.type != Type::directory && after.type != Type::directory) {
            Entry entry = after;
            entry.mode = sight.found.mode == before.mode || before.type != after.type ? after.mode : sight.found.mode;
            add_step(Choice::replace, entry, sight.found);
        } else {
            add_step(Choice::remove, before, sight.found);
            add_step(Choice::add, after, {});
        }
    }

    void new_in_image(const Sight& sight)
    {
        if (!sight.found.exists()) {
            add_step(Choice::add, *sight.after, {});
        } else if (!sight.is_after) {
            own(*sight.after, sight.found);
        }
    }

    void complete(const Sight& sight)
    {
        const Entry& after = *sight.after;
        const bool is_directory = sight.found.is(Type::directory);
        if (!sight.found.exists()) {
            add_step(Choice::add, after, {});
        } else if (is_directory && after.type == Type::directory) {
            add_step(Choice::set_mode, after, sight.found);  // made for a mount inside it, or by an unfinished copy
        } else if (m_purpose == Purpose::fill || is_directory || after.type == Type::directory) {
            close(after);
        } else if (!sight.is_after) {
            add_step(Choice::replace, after, sight.found);
        }
    }

    void dropped(const Sight& sight)
    {
        if (!sight.found.exists()) {
            close(*sight.before);
        } else if (sight.is_before) {
            add_step(Choice::remove, *sight.before, sight.found);
        } else {
            add_step(m_purpose == Purpose::rollback ? Choice::keep_edited : Choice::keep_dropped, *sight.before,
                     sight.found);
            close(*sight.before);
        }
    }

    void mode_follows(const Sight& sight)
    {
        if (sight.after->type != Type::link && sight.before->mode != sight.after->mode &&
            sight.found.mode == sight.before->mode) {
            add_step(Choice::set_mode, *sight.after, sight.found);
        }
    }

    // The site's own stands instead of the image's.
    void own(const Entry& after, const Found& found)
    {
        m_own.insert(after.path);
        add_step(m_purpose == Purpose::rollback ? Choice::keep_edited : Choice::offer, after, found);
        close(after);
    }

    void add_step(Choice choice, const Entry& entry, const Found& found) { m_plan.push_back({choice, entry, found}); }

    void close(const Entry& entry)
    {
        if (entry.type == Type::directory) {
            m_closed.insert(entry.path);
        }
    }

    Purpose m_purpose;
    std::unordered_set<std::string> m_closed;  // directories that are not entered: deleted or the site's own
    std::unordered_set<std::string> m_own;
    Plan m_plan;
};

}  // namespace

std::string_view name(Choice choice)
{
    constexpr std::array<std::string_view, 8> names{"add",   "replace",      "remove",      "mode",
                                                    "offer", "keep-dropped", "keep-edited", "withdraw"};
    return names.at(static_cast<std::size_t>(choice));
}

Situation judge(const State& state, const Marker& image, std::optional<OnUpgrade> asked)
{
    if (!state.marker) {
        // A change that is under way, or was: its journal is the proof of whose the volume is.
        if (state.has_pending || state.foreign_item.empty()) {
            return Situation::fill;
        }
        return state.looks_like_server ? Situation::adopt : Situation::unknown;
    }
    const Marker& marker = *state.marker;
    if (marker.product != image.product) {
        return Situation::other_product;
    }
    if (marker.origin == Origin::copied) {
        return Situation::repair;
    }
    if (marker.same_content(image)) {
        return Situation::settled;
    }
    const bool was_taken_back = marker.held == image.manifest_sha256 && asked != OnUpgrade::merge;
    return was_taken_back || marker.is_newer_than(image) || asked == OnUpgrade::keep ? Situation::keep
                                                                                     : Situation::upgrade;
}

Plan decide(Purpose purpose, const Observation& seen) { return Deciding(purpose).run(seen); }

Manifest recognised(const Observation& seen)
{
    Manifest known;
    for (const auto& sight : seen.sights) {
        const bool is_deleted = !sight.found.exists() && sight.after != nullptr;
        const bool is_replaced = sight.is_before && sight.after != nullptr && sight.after->path == k_needed_by_java;
        if (sight.is_after || is_deleted || is_replaced) {
            known.push_back(*sight.after);
        } else if (sight.is_before) {
            known.push_back(*sight.before);
        }
    }
    return known;
}

}  // namespace dcm::volume
