// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/volume/copy.hpp>
#include <dcm/volume/durable.hpp>
#include <dcm/volume/journal.hpp>
#include <dcm/volume/marker.hpp>
#include <dcm/volume/progress.hpp>

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace dcm::volume {

// What a change ends in.
struct Outcome {
    Marker marker;
    std::string_view manifest;  // text of the manifest that the volume follows from then on
    Change change = Change::fill;
};

// A change of a volume, in two halves. Staging copies everything that is needed into `.dcm/tmp` and makes it durable,
// with a journal; until that is complete, the volume is as before. Then `finish_pending` does the moves.
class Stager {
public:
    // New files belong to `owner`.
    Stager(const Tree& volume, const Tree& source, Owner owner, Check check, const Notify& notify, Progress& progress);

    // Throws Error and leaves the volume as before, `.dcm/tmp` aside, which `discard` removes.
    void stage(const Plan& plan, const Outcome& outcome);

    // Make what is staged take effect: from here on the change is completed, by us or by the next run.
    void commit();

private:
    void stage_step(const Step& step);
    Move new_move(const Step& step);
    void place(const Step& step);
    void keep_previous(const Step& step);
    void copy(const Entry& entry, const std::string& to, Owner owner);
    void write(const std::string& name, std::string_view content);
    void save(const std::string& name);
    void reserve_room() const;

    const Tree& m_volume;
    const Tree& m_source;
    Owner m_owner;
    const Notify& m_notify;
    Progress& m_progress;
    Copier m_copier;
    Durable m_durable;
    Journal m_journal;
    unsigned m_next = 0;
    std::unordered_map<std::string, std::string> m_staged_directories;  // path: where it is staged
    struct StagedDirectory {
        std::string path;  // in the source
        std::string staged;
        unsigned mode;
    };
    std::vector<StagedDirectory> m_directories;  // mode and time are set when they are full
};

// Do all moves of `.dcm/pending`, then install manifest and marker. Does nothing without one. What was edited in the
// meantime stays, and the image's goes to `.dcm/new`. Throws Error(config) when it belongs to another product.
void finish_pending(const Tree& volume, const std::string& product, const Notify& notify);

// Forget what was staged and not committed.
void discard(const Tree& volume);

}  // namespace dcm::volume
