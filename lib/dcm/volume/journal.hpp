// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/volume/manifest.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::volume {

// What is left to do once everything is staged in `.dcm/tmp`: renames and removals only, each of which can be done
// again without harm, so that a run after a crash simply does them all.
enum class Act { put, drop, set_mode, set_aside };

// What `put` does with what stands at its path, if that is as it was seen.
enum class Over { nothing, set_aside, drop };

struct Move {
    Act act = Act::put;
    Over over = Over::nothing;
    Type type = Type::file;          // of what is put, or goes
    std::optional<unsigned> staged;  // the name in `.dcm/tmp` of what is put
    unsigned mode = 0;               // set_mode, and a directory's final mode
    std::uint64_t size = 0;          // what goes must still be this long
    std::int64_t mtime = 0;          // and this old
    std::string path;                // on the volume, or below `.dcm/new`
};

enum class Change {
    fill,      // of an empty volume, and what completes a copy
    upgrade,   // its journal stays as `.dcm/undo`
    rollback,  // takes the last upgrade back, and `.dcm/previous` with it
    adopt,     // of a complete volume
    single,    // of an earlier version: single files, which are no reason to forget the last upgrade
};

// `.dcm/pending`, the list of moves of a change that is under way; afterwards `.dcm/undo`, what it did.
struct Journal {
    std::string product;
    Change change = Change::fill;
    std::string aside;  // where in `.dcm` goes what is set aside
    std::vector<Move> moves;
};

std::string format_journal(const Journal& journal);

// The reverse, and what version 1 of this toolkit wrote, in the acts of this one. Throws Error(data_error) naming
// `origin` for anything else.
Journal parse_journal(std::string_view text, const std::string& origin);

}  // namespace dcm::volume
