// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/volume/plan.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace dcm::volume {

// One thing left to do once everything is staged in `.dcm/tmp`: renames and removals only, each of which can be done
// again without harm, so that a run after a crash simply does them all.
struct Move {
    Act act;
    unsigned staged = 0;     // the name in `.dcm/tmp`
    unsigned mode = 0;       // set_mode, and a directory's final mode
    Type type = Type::file;  // of what is placed or removed
    std::uint64_t size = 0;  // what is replaced or removed must still be this long
    std::int64_t mtime = 0;  // and this old
    std::string path;
};

enum class Change {
    fill,     // of an empty volume, or what completes a copy
    upgrade,  // what it replaces stays in `.dcm/previous`, its journal as `.dcm/undo`
    rollback  // takes the last upgrade back, and `.dcm/previous` with it
};

// `.dcm/pending`, the list of moves of a change that is under way; afterwards `.dcm/undo`, what it did.
struct Journal {
    std::string product;
    Change change = Change::fill;
    std::vector<Move> moves;
};

std::string format_journal(const Journal& journal);

// Throws Error(data_error) naming `origin` for anything that `format_journal` does not write.
Journal parse_journal(std::string_view text, const std::string& origin);

}  // namespace dcm::volume
