// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/sys/process.hpp>
#include <dcm/volume/marker.hpp>
#include <dcm/volume/tree.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::volume {

// No process ever runs as this user. What belongs to it was given to it by a root with all its rights: a server that
// runs as uid 0 without capabilities can neither make such a thing, nor enter or rename it in a sticky directory.
constexpr uid_t k_keeper = 11114;

// Whose the `.dcm` of a volume is. Everything in it decides what root does, so it counts by its owner alone: root or
// the keeper for a process of root, who runs this for any other.
enum class Trust {
    none,     // there is no `.dcm`
    ours,     // and nobody else can enter it
    open,     // ours, and others can enter it: an earlier version made it, or an image
    unowned,  // the file system knows no owners, or that is not known: what is in it are the data of a stranger
    closed,   // root's, and this process is not root: what is in it is not to be seen
    foreign,  // somebody else's, and so no `.dcm`
};

// Whether the file system knows owners is known by trying alone: who only looks goes without.
enum class Probe { no, yes };

Trust trust_of(const Tree& volume, Probe probe = Probe::no);

// True when what is in `.dcm` is to be read.
constexpr bool is_read(Trust trust) { return trust == Trust::ours || trust == Trust::open || trust == Trust::unowned; }

// A file of `.dcm` on a volume whose trust was asked; nullopt when there is none. Throws Error(no_input).
std::optional<std::string> read_own(const Tree& volume, const std::string& name);

// "UID" or "UID:GID" of who may run a server: anybody but the keeper.
std::optional<sys::Credentials> parse_user_of_server(std::string_view text);

// Who runs the server on a volume: decided once, when the volume is filled or adopted, and kept where the server cannot
// write: `.dcm/run-as`, one line "UID:GID seeded", or "UID:GID settled", with " files" behind it for a server of root
// that may read and write everybody's files.
struct RunAs {
    sys::Credentials user;
    bool is_settled = false;  // by dcm-start, which has seen whose the images are: nothing on the volume changes it
    bool has_file_access = false;
};

std::string format_run_as(const RunAs& record);
std::optional<RunAs> parse_run_as(std::string_view text);

// Of `volume`; nullopt when there is none, when an earlier version wrote it, when it says uid 0 and somebody else could
// have written it, or, for who only looks, when the `.dcm` may be somebody else's.
std::optional<RunAs> read_run_as(const Tree& volume, Probe probe = Probe::no);

// Throws Error(cant_create, io_error or no_permission). Does nothing on a volume that has no `.dcm` to be read.
void write_run_as(const Tree& volume, const RunAs& record);

// Who a volume without a record belongs to, as far as its root directory tells: its owner, and where that is root or
// the keeper whoever its group names. `is_new`: a volume that is filled; the image's user stands in for root then.
sys::Credentials owner_by_root(const Tree& volume, bool is_new);

// True unless somebody has undone what `protect` did to the root directory of a volume whose `.dcm` is ours.
bool is_kept_out(const Tree& volume);

// Make `.dcm` where there is none, and keep everybody else out of it and from moving it: 0700, and a root directory
// that is sticky, of root (of the keeper for a server of root), of the group of `user`, and as open to others as it
// was. Where the file system has no owners, or we are not root, it is as it is. What in it is of another kind than we
// make it, a link say, is removed: returns the names. Throws Error when `.dcm` cannot be made.
std::vector<std::string> protect(const Tree& volume, const sys::Credentials& user);

// Remove the temporary files that writers left in `.dcm` when they were killed. For who holds the lock. A writer that
// needs none and is at work right then fails, and leaves the old file. What cannot be read or removed stays.
void remove_leftovers(const Tree& volume);

// What a command of this toolkit writes to `file` in the place of the image's is no edit of the site's: `.dcm/written`
// on the volume at `server`, a line "SHA-256 PATH" each. Nothing is noted for a file elsewhere, when `before`, what
// stood there, was neither the image's nor noted, or on a volume whose `.dcm` is not to be read. What keeps it from
// being noted is a warning: no start fails for it.
void note_written(const std::string& server, const std::string& file, std::string_view before, std::string_view after,
                  const Notify& notify);

// The notes of a volume: path and hash.
std::map<std::string, std::string> read_written(const Tree& volume);

// Get a `.dcm` that is not ours out of the way. Returns its new name.
std::string set_foreign_aside(const Tree& volume);

}  // namespace dcm::volume
