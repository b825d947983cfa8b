// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/volume/decide.hpp>
#include <dcm/volume/journal.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::volume {

// What a change ends in.
struct Outcome {
    Change change = Change::fill;
    Marker marker;
    std::string_view manifest;  // text of the manifest that the volume follows from then on
};

// Throws Error(unavailable or no_permission) when `plan` cannot be carried out: room, inodes, rights, read-only mount.
void check_room_and_rights(const Tree& volume, const Plan& plan);

// Carry out `plan` in two halves. First everything that is needed is copied from `source` into `.dcm/tmp` and made
// durable, with a journal; until that is complete, the volume is as before, and an Error leaves it so. Then the journal
// becomes `.dcm/pending`, and `finish_pending` does the moves. New files belong to `owner`. `terminal`: descriptor for
// a progress bar.
void apply(const Tree& volume, const Tree& source, const Plan& plan, const Outcome& outcome,
           const sys::Credentials& owner, std::optional<int> terminal, const Notify& notify);

// Do all moves of `.dcm/pending`, then install manifest and marker. Does nothing without one. What was edited in the
// meantime stays, and the image's goes to `.dcm/new`. Throws Error(config) when it belongs to another product.
void finish_pending(const Tree& volume, const std::string& product, const Notify& notify);

}  // namespace dcm::volume
