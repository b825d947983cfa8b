// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/names.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/decide.hpp>
#include <dcm/volume/escape.hpp>

#include <unordered_set>

namespace dcm::volume {

namespace {

class Deciding {
public:
    explicit Deciding(Course course) : m_course(course) {}

    Plan run(const Observation& seen)
    {
        for (const auto& sight : seen.sights) {
            // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a sight has at least one of both
            const Entry& entry = sight.after != nullptr ? *sight.after : *sight.before;
            if (m_closed.count(sys::parent_directory(entry.path)) != 0) {
                close(entry);
            } else {
                consider(m_course == Course::merge ? as_followed(sight) : sight);
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
    bool is_upgrade() const { return m_course == Course::upgrade || m_course == Course::merge; }

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
        if (m_course == Course::adopt) {
            adopt(sight);
        } else if (sight.before == nullptr && sight.after == nullptr) {
            // Of the original alone, and not as the original has it.
        } else if (sight.after == nullptr) {
            dropped(sight);
        } else if (sight.before != nullptr) {
            with_base(sight);
        } else if (m_course == Course::fill || m_course == Course::repair) {
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
        } else if (m_course == Course::fill || is_directory || after.type == Type::directory) {
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
            add_step(m_course == Course::rollback ? Choice::keep_edited : Choice::keep_dropped, *sight.before,
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
        add_step(m_course == Course::rollback ? Choice::keep_edited : Choice::offer, after, found);
        close(after);
    }

    void add_step(Choice choice, const Entry& entry, const Found& found) { m_plan.push_back({choice, entry, found}); }

    void close(const Entry& entry)
    {
        if (entry.type == Type::directory) {
            m_closed.insert(entry.path);
        }
    }

    Course m_course;
    std::unordered_set<std::string> m_closed;  // directories that are not entered: deleted or the site's own
    std::unordered_set<std::string> m_own;
    Plan m_plan;
};

}  // namespace

std::string_view name(Choice choice)
{
    constexpr auto names = names_up_to<Choice::withdraw>("add", "replace", "remove", "mode", "offer", "keep-dropped",
                                                         "keep-edited", "withdraw");
    return name_in(names, choice);
}

bool is_copied(const Step& step)
{
    return step.choice == Choice::add || step.choice == Choice::replace || step.choice == Choice::offer;
}

Amount copied_by(const Plan& plan)
{
    Amount sum;
    for (const auto& step : plan) {
        const bool is_file = is_copied(step) && step.entry.type == Type::file;
        sum.files += is_file ? 1U : 0U;
        sum.bytes += is_file ? step.entry.size : 0U;
    }
    return sum;
}

Course judge(const State& state, const Marker& image, std::optional<OnUpgrade> asked)
{
    if (!state.marker) {
        // A change that is under way, or was: its journal is the proof of whose the volume is.
        if (state.has_pending || state.foreign_item.empty()) {
            return Course::fill;
        }
        if (!state.looks_like_server) {
            return Course::unknown;
        }
        return asked == OnUpgrade::merge ? Course::merge : Course::adopt;
    }
    const Marker& marker = *state.marker;
    if (marker.product != image.product) {
        return Course::other_product;
    }
    if (marker.origin == Origin::copied) {
        return Course::repair;
    }
    if (marker.same_content(image)) {
        return Course::settled;
    }
    const bool was_taken_back = marker.held == image.manifest_sha256 && asked != OnUpgrade::merge;
    return was_taken_back || marker.is_newer_than(image) || asked == OnUpgrade::keep ? Course::keep : Course::upgrade;
}

Plan decide(Course course, const Observation& seen) { return Deciding(course).run(seen); }

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
