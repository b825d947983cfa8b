// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/apply.hpp>
#include <dcm/volume/copy.hpp>
#include <dcm/volume/progress.hpp>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

namespace dcm::volume {

namespace {

const std::string k_tmp = own_path("tmp");

// The first half of a change: copies, and the list of moves.
class Staging {
public:
    Staging(const Tree& volume, const Tree& source, const sys::Credentials& owner, const Outcome& outcome,
            const Notify& notify, Progress& progress)
        : m_volume(volume), m_outcome(outcome), m_owner(owner),
          m_copier(source, volume, outcome.change == Change::fill ? Check::suspicious : Check::always, notify, progress)
    {
        m_journal.product = outcome.marker.product;
        m_journal.change = outcome.change;
        m_journal.aside = outcome.change == Change::upgrade ? "previous" : "replaced";
    }

    void run(const Plan& plan)
    {
        m_volume.clear(k_tmp);
        m_volume.ensure_directory(k_tmp, 0700);
        if (m_outcome.change == Change::upgrade) {
            m_volume.ensure_directory(k_tmp + "/previous", 0700);
            write("manifest.previous", read_own(m_volume, "manifest").value_or(""));
            write("marker.previous", read_own(m_volume, "marker").value_or(""));
        }
        for (const auto& step : plan) {
            stage_step(step);
        }
        for (auto directory = m_directories.rbegin(); directory != m_directories.rend(); ++directory) {
            m_copier.finish_directory(directory->first, directory->second.staged, directory->second.mode);
        }
        // What goes does so deepest first, and before anything takes its place.
        const auto goes = [](const Move& move) { return move.act == Act::drop || move.act == Act::set_aside; };
        std::stable_sort(m_journal.moves.begin(), m_journal.moves.end(), [&](const Move& a, const Move& b) {
            return goes(a) != goes(b) ? goes(a) : goes(a) && a.path > b.path;
        });
        write("manifest", m_outcome.manifest);
        write("marker", format_marker(m_outcome.marker));
        write("journal", format_journal(m_journal));
        reserve_room();
        m_written.push_back(k_tmp);
        m_volume.make_durable(m_written);
    }

    // From here on the change is completed, by us or by the next run.
    void commit() const
    {
        if (!m_volume.rename(k_tmp + "/journal", own_path("pending"))) {
            throw m_volume.failure("create", own_path("pending"));
        }
        // Before the first move: after a power cut, too, there is either no move or the list of all.
        m_volume.make_durable({k_own_directory});
    }

private:
    void stage_step(const Step& step)
    {
        const Entry& entry = step.entry;
        Move move{Act::put, Over::nothing, entry.type, {}, entry.mode, step.found.size, step.found.mtime, entry.path};
        switch (step.choice) {
        case Choice::add:
            break;
        case Choice::replace:
            move.over = m_outcome.change == Change::rollback ? Over::drop : Over::set_aside;
            break;
        case Choice::remove:
            move.act =
                m_outcome.change == Change::upgrade && entry.type != Type::directory ? Act::set_aside : Act::drop;
            break;
        case Choice::set_mode:
            move.act = Act::set_mode;
            break;
        case Choice::offer:
            if (entry.type == Type::directory) {
                return;  // it is offered as what is in it, and nothing of that is decided on
            }
            move.path.insert(0, own_path("new/"));
            break;
        case Choice::withdraw:
            move.act = Act::drop;
            move.path.insert(0, own_path("new/"));
            break;
        case Choice::keep_dropped:
        case Choice::keep_edited:
            return;
        }
        if (!is_copied(step) || copy(step, move)) {
            m_journal.moves.push_back(std::move(move));
        }
    }

    // What goes into a directory that is staged itself is put there: one rename brings all of it, and this is false.
    bool copy(const Step& step, Move& move)
    {
        const Entry& entry = step.entry;
        const auto parent = m_directories.find(sys::parent_directory(entry.path));
        const bool is_brought = step.choice == Choice::add && parent != m_directories.end();
        if (!is_brought) {
            move.staged = ++m_last;
        }
        const std::string to = is_brought ? parent->second.staged + "/" + sys::file_name(entry.path)
                                          : k_tmp + "/" + std::to_string(*move.staged);
        m_copier.copy(entry, to, step.choice == Choice::replace ? step.found.owner : m_owner);
        m_written.push_back(to);
        if (entry.type == Type::directory) {
            // One that is renamed must be writable for us; the journal has its final mode.
            m_directories[entry.path] = {to, is_brought ? entry.mode : entry.mode | 0700U};
        }
        return !is_brought;
    }

    void write(const std::string& name, std::string_view content)
    {
        const std::string to = k_tmp + "/" + name;
        const sys::Fd out = m_volume.open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (!out || !sys::write_all(out.get(), content)) {
            throw m_volume.failure("write", to);
        }
        m_written.push_back(to);
    }

    // The moves need room for names in directories: set aside now, given back when they begin.
    void reserve_room() const
    {
        constexpr std::size_t block = 4096;
        const std::string to = k_tmp + "/room";
        const std::size_t size = block * (8 + std::min<std::size_t>(m_journal.moves.size(), 256));
        const sys::Fd out = m_volume.open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        const int reason = out ? posix_fallocate(out.get(), 0, static_cast<off_t>(size)) : errno;
        if (!out || reason == ENOSPC || reason == EDQUOT) {
            errno = reason;
            throw m_volume.failure("reserve room in", to);
        }
    }

    struct StagedDirectory {
        std::string staged;
        unsigned mode = 0;
    };

    const Tree& m_volume;
    const Outcome& m_outcome;
    sys::Credentials m_owner;
    Copier m_copier;
    Journal m_journal;
    unsigned m_last = 0;
    std::vector<std::string> m_written;
    std::map<std::string, StagedDirectory> m_directories;  // by path; mode and time are set when they are full
};

void check_rights(const Tree& volume, const Plan& plan)
{
    std::set<std::string> parents{"."};
    for (const auto& step : plan) {
        if (step.choice == Choice::add || step.choice == Choice::replace || step.choice == Choice::remove) {
            parents.insert(sys::parent_directory(step.entry.path));
        }
    }
    for (const auto& parent : parents) {
        // One that is not there, or is a file now, comes with the plan itself.
        const sys::Fd directory = volume.open(parent, O_PATH | O_DIRECTORY);
        if (directory && faccessat(directory.get(), ".", W_OK | X_OK, AT_EACCESS) != 0) {
            throw volume.failure("write to", parent);
        }
    }
}

}  // namespace

void check_room_and_rights(const Tree& volume, const Plan& plan)
{
    struct statvfs free {};
    if (fstatvfs(volume.fd(), &free) != 0) {
        throw volume.failure("ask for the free space of", ".");
    }
    if ((free.f_flag & ST_RDONLY) != 0) {
        throw Error(ExitCode::no_permission, quoted(volume.root()) + " is mounted read-only; mount it without ':ro'");
    }
    check_rights(volume, plan);
    std::uint64_t bytes = 64 * free.f_frsize;
    std::uint64_t inodes = 16;
    for (const auto& step : plan) {
        if (is_copied(step)) {
            bytes += (step.entry.size + free.f_frsize - 1) / free.f_frsize * free.f_frsize;
            inodes += 1;
        }
    }
    const std::uint64_t available = std::uint64_t{free.f_bavail} * free.f_frsize;
    if (available < bytes) {
        throw Error(ExitCode::unavailable, "no room in " + quoted(volume.root()) + ": " + human_size(bytes) +
                                               " needed, " + human_size(available) +
                                               " free; free space there and start again");
    }
    // f_files 0: a file system that has no fixed number of inodes.
    if (free.f_files != 0 && free.f_favail < inodes) {
        throw Error(ExitCode::unavailable, "no inodes left in " + quoted(volume.root()) + ": " +
                                               std::to_string(inodes) + " needed, " + std::to_string(free.f_favail) +
                                               " free; remove files there and start again");
    }
}

void apply(const Tree& volume, const Tree& source, const Plan& plan, const Outcome& outcome,
           const sys::Credentials& owner, std::optional<int> terminal, const Notify& notify)
{
    check_room_and_rights(volume, plan);
    {
        Progress progress(notify, "copying to " + quoted(volume.root()), terminal, copied_by(plan));
        Staging staging(volume, source, owner, outcome, notify, progress);
        try {
            staging.run(plan);
        } catch (const Error&) {
            volume.clear(k_tmp);  // gives the room back at once: the server needs it
            throw;
        }
        staging.commit();
    }
    finish_pending(volume, outcome.marker.product, notify);
}

}  // namespace dcm::volume
