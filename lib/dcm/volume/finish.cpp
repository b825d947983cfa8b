// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/change.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace dcm::volume {

namespace {

const std::string k_own = std::string(k_own_directory) + "/";

bool is_denied(int reason) { return reason == EPERM || reason == EACCES; }

bool is_in_the_way(int reason)
{
    return reason == EEXIST || reason == EBUSY || reason == ENOTDIR || reason == EISDIR || reason == ENOTEMPTY;
}

// The second half of a change: everything here can be done again without harm.
class Finish {
public:
    Finish(const Tree& volume, const Journal& journal, const Notify& notify)
        : m_volume(volume), m_journal(journal), m_notify(notify), m_durable(volume)
    {
    }

    void run()
    {
        m_volume.remove_all(k_own + "tmp/room");
        if (m_journal.change == Change::upgrade && m_volume.exists(k_own + "tmp/previous")) {
            m_volume.remove_all(k_own + "previous");
            rename("tmp/previous", "previous");
        }
        for (const auto& move : m_journal.moves) {
            do_move(move);
        }
        m_durable.sync();
        for (const auto* const name : {"manifest.previous", "marker.previous", "manifest", "marker"}) {
            if (m_volume.exists(k_own + "tmp/" + name)) {
                rename(std::string("tmp/") + name, name);
            }
        }
        if (!sys::sync_directory(m_volume.full(k_own_directory))) {
            throw m_volume.failure("make durable", k_own + "marker");
        }
        discard(m_volume);
        if (m_journal.change == Change::upgrade) {
            rename("pending", "undo");
            return;
        }
        for (const auto* const name : {"undo", "previous", "manifest.previous", "marker.previous"}) {
            m_volume.remove_all(k_own + name);
        }
        m_volume.remove_all(k_own + "pending");
    }

private:
    void rename(const std::string& from, const std::string& to) const
    {
        if (renameat(m_volume.fd(), (k_own + from).c_str(), m_volume.fd(), (k_own + to).c_str()) != 0) {
            throw m_volume.failure("create", k_own + to);
        }
    }

    void do_move(const Move& move)
    {
        const std::string where = move.act == Act::withdraw ? k_own + "new/" + move.path : move.path;
        // A directory that was moved elsewhere since the plan was made: what is there is not the volume's.
        if (leads_through_link(where)) {
            offer(move);
            return;
        }
        m_durable.add(move.act == Act::set_mode ? where : sys::parent_directory(where));
        switch (move.act) {
        case Act::add:
        case Act::replace:
            place(move);
            break;
        case Act::remove:
            remove(move);
            break;
        case Act::set_mode:
            set_mode(move);
            break;
        case Act::offer:
            offer(move);
            break;
        case Act::withdraw:
            m_volume.remove_all(where);
            break;
        case Act::keep_dropped:
        case Act::keep_edited:
            break;
        }
    }

    bool leads_through_link(const std::string& place) const
    {
        for (auto end = place.find('/'); end != std::string::npos; end = place.find('/', end + 1)) {
            if (m_volume.look(place.substr(0, end)).kind == Found::Kind::link) {
                return true;
            }
        }
        return false;
    }

    static std::string staged(const Move& move) { return k_own + "tmp/" + std::to_string(move.staged); }

    // Edited between the look and now, or a single file that is mounted: the site's.
    bool is_as_seen(const Move& move) const
    {
        const Found found = m_volume.look(move.path);
        return found.size == move.size && found.mtime == move.mtime;
    }

    void place(const Move& move)
    {
        const std::string from = staged(move);
        if (!m_volume.exists(from)) {
            return;
        }
        const bool own = move.act == Act::replace && !is_as_seen(move);
        if (!own && try_place(move, from)) {
            if (move.type == Type::directory) {
                set_mode(move);
            }
            return;
        }
        if (!own && is_denied(errno) && m_journal.change == Change::upgrade) {
            // An immutable file, say: no reason to keep a complete volume from starting.
            m_notify({Level::warning, std::string(m_volume.failure("replace", move.path).what()) + ", proceeding", {}});
        } else if (!own && !is_in_the_way(errno)) {
            throw m_volume.failure("create", move.path);
        }
        offer(move);
    }

    bool try_place(const Move& move, const std::string& from) const
    {
        const std::string to = move.path;
        const unsigned flags = move.act == Act::add ? RENAME_NOREPLACE : 0;
        if (renameat2(m_volume.fd(), from.c_str(), m_volume.fd(), to.c_str(), flags) == 0) {
            return true;
        }
        // File systems without RENAME_NOREPLACE: NFS, older overlays.
        if (errno != EINVAL || flags == 0) {
            return false;
        }
        if (m_volume.exists(move.path)) {
            errno = EEXIST;
            return false;
        }
        return renameat(m_volume.fd(), from.c_str(), m_volume.fd(), to.c_str()) == 0;
    }

    void remove(const Move& move) const
    {
        const std::string where = move.path;
        const Found found = m_volume.look(where);
        if (move.type == Type::directory) {
            // One that still holds something is the site's.
            if (found.kind == Found::Kind::directory) {
                unlinkat(m_volume.fd(), where.c_str(), AT_REMOVEDIR);
            }
            return;
        }
        if (!found.is(move.type) || !is_as_seen(move)) {
            return;
        }
        if (unlinkat(m_volume.fd(), where.c_str(), 0) == 0 || errno == ENOENT || errno == EBUSY) {
            return;
        }
        if (!is_denied(errno)) {
            throw m_volume.failure("remove", move.path);
        }
        m_notify({Level::warning, std::string(m_volume.failure("remove", move.path).what()) + ", proceeding", {}});
    }

    void set_mode(const Move& move) const
    {
        const Found found = m_volume.look(move.path);
        if (!found.is(move.type) || found.is(Type::link)) {
            return;
        }
        if (found.mode != move.mode && fchmodat(m_volume.fd(), move.path.c_str(), move.mode, 0) != 0) {
            m_notify({Level::warning,
                      std::string(m_volume.failure("set the mode of", move.path).what()) + ", proceeding",
                      {}});
        }
    }

    void offer(const Move& move)
    {
        const std::string from = staged(move);
        if (!m_volume.exists(from)) {
            return;
        }
        if (move.type == Type::directory) {
            m_volume.remove_all(from);
            return;
        }
        const std::string to = k_own + "new/" + move.path;
        clear_way(to);
        m_volume.make_directories(sys::parent_directory(to), 0755);
        m_durable.add(sys::parent_directory(to));
        if (m_volume.look(to).kind == Found::Kind::directory) {
            m_volume.remove_all(to);
        }
        if (renameat(m_volume.fd(), from.c_str(), m_volume.fd(), to.c_str()) != 0) {
            throw m_volume.failure("create", to);
        }
    }

    // A file of an earlier image where this one has a directory.
    void clear_way(const std::string& path) const
    {
        for (auto end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1)) {
            const std::string part = path.substr(0, end);
            const Found found = m_volume.look(part);
            if (found.exists() && found.kind != Found::Kind::directory) {
                m_volume.remove_all(part);
            }
        }
    }

    const Tree& m_volume;
    const Journal& m_journal;
    const Notify& m_notify;
    Durable m_durable;
};

}  // namespace

void finish_pending(const Tree& volume, const std::string& product, const Notify& notify)
{
    const std::string path = volume.full(k_own + "pending");
    const auto text = sys::read_file(path);
    if (!text) {
        return;
    }
    const Journal journal = parse_journal(*text, path);
    if (journal.product != product) {
        throw Error(ExitCode::config, quoted(volume.root()) + " belongs to " + quoted(journal.product) +
                                          ", this image is " + quoted(product) +
                                          "; nothing was touched, mount the volume that belongs here");
    }
    Finish(volume, journal, notify).run();
}

}  // namespace dcm::volume
