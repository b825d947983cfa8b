// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/apply.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace dcm::volume {

namespace {

bool is_denied(int reason) { return reason == EPERM || reason == EACCES; }

// The site has something there, or a directory on the way is gone, or somebody's link.
bool is_in_the_way(int reason)
{
    return reason == EEXIST || reason == EBUSY || reason == ENOTDIR || reason == EISDIR || reason == ENOTEMPTY ||
           reason == ELOOP || reason == ENOENT || reason == EXDEV;
}

// The second half of a change: everything here can be done again without harm.
class Finish {
public:
    Finish(const Tree& volume, const Journal& journal, const Notify& notify)
        : m_volume(volume), m_journal(journal), m_notify(notify)
    {
    }

    void run()
    {
        m_volume.clear(own_path("tmp/room"));
        if (m_volume.see(own_path("tmp/previous")).exists()) {
            m_volume.clear(own_path("previous"));
            rename(own_path("tmp/previous"), own_path("previous"));
        }
        for (const auto& move : m_journal.moves) {
            do_move(move);
        }
        m_volume.make_durable(m_changed);
        for (const auto* const name : {"manifest.previous", "marker.previous", "manifest", "marker"}) {
            if (m_volume.see(own_path("tmp/") + name).exists()) {
                rename(own_path("tmp/") + name, own_path(name));
            }
        }
        m_volume.make_durable({k_own_directory});
        m_volume.clear(own_path("tmp"));
        if (m_journal.change == Change::upgrade) {
            rename(own_path("pending"), own_path("undo"));
            return;
        }
        if (m_journal.change != Change::single) {
            for (const auto* const name : {"undo", "previous", "manifest.previous", "marker.previous"}) {
                m_volume.clear(own_path(name));
            }
        }
        m_volume.clear(own_path("pending"));
    }

private:
    void rename(const std::string& from, const std::string& to) const
    {
        if (!m_volume.rename(from, to)) {
            throw m_volume.failure("create", to);
        }
    }

    void do_move(const Move& move)
    {
        m_changed.push_back(move.act == Act::set_mode ? move.path : sys::parent_directory(move.path));
        switch (move.act) {
        case Act::put:
            put(move);
            break;
        case Act::drop:
            drop(move);
            break;
        case Act::set_mode:
            set_mode(move);
            break;
        case Act::set_aside:
            if (!set_aside(move) && !is_in_the_way(errno)) {
                fail_or_warn("remove", move.path);
            }
            break;
        }
    }

    static std::string staged(const Move& move) { return own_path("tmp/") + std::to_string(*move.staged); }
    std::string aside(const Move& move) const { return own_path(m_journal.aside + "/") + move.path; }
    static bool is_offer(const Move& move) { return starts_with(move.path, own_path("")); }

    // Edited between the look and now: the site's.
    bool is_as_seen(const Move& move) const
    {
        const Found found = m_volume.see(move.path);
        return found.exists() && (found.is(Type::directory) || (found.size == move.size && found.mtime == move.mtime));
    }

    // An immutable file, say, is no reason to keep a complete volume from starting.
    void fail_or_warn(const std::string& verb, const std::string& path) const
    {
        const bool is_denied_only = is_denied(errno);
        const Error failure = m_volume.failure(verb, path);
        if (!is_denied_only || (m_journal.change != Change::upgrade && m_journal.change != Change::adopt)) {
            throw failure;
        }
        m_notify({Level::warning, std::string(failure.what()) + ", proceeding", {}});
    }

    void put(const Move& move)
    {
        if (!m_volume.see(staged(move)).exists()) {
            return;  // done, before a crash
        }
        if (is_offer(move)) {
            offer(move, move.path);
            return;
        }
        if (take_place(move)) {
            if (move.type == Type::directory) {
                set_mode(move);
            }
            return;
        }
        const int reason = errno;
        if (move.over == Over::set_aside && m_volume.see(aside(move)).exists()) {
            static_cast<void>(m_volume.rename(aside(move), move.path, RENAME_NOREPLACE));
        }
        errno = reason;
        if (!is_in_the_way(reason)) {
            fail_or_warn("replace", move.path);
        }
        offer(move, own_path("new/") + move.path);
    }

    // Looking leaves any errno behind.
    static bool in_the_way()
    {
        errno = EEXIST;
        return false;
    }

    // False, with errno, where what stands there is not to go.
    bool take_place(const Move& move)
    {
        if (move.over == Over::set_aside && !set_aside(move)) {
            return false;
        }
        const std::string from = staged(move);
        if (move.over == Over::drop) {
            return is_as_seen(move) ? m_volume.rename(from, move.path) : in_the_way();
        }
        if (m_volume.rename(from, move.path, RENAME_NOREPLACE)) {
            return true;
        }
        // File systems without RENAME_NOREPLACE: NFS, older overlays.
        if (errno != EINVAL) {
            return false;
        }
        return m_volume.see(move.path).exists() ? in_the_way() : m_volume.rename(from, move.path);
    }

    // False, with errno, when it is not what was seen, or cannot be moved.
    bool set_aside(const Move& move)
    {
        const std::string to = aside(move);
        if (!m_volume.see(move.path).exists()) {
            return m_volume.see(to).exists() || in_the_way();  // done, before a crash; or the site has deleted it
        }
        // What an earlier version took out is the only copy there is.
        const bool is_kept_already = m_journal.aside == "hardened" && m_volume.see(to).exists();
        if (!is_as_seen(move) || is_kept_already) {
            return in_the_way();
        }
        m_volume.clear(to);
        m_volume.ensure_directory(sys::parent_directory(to), 0700);
        m_changed.push_back(sys::parent_directory(to));
        return m_volume.rename(move.path, to);
    }

    void drop(const Move& move)
    {
        if (is_offer(move)) {
            m_volume.clear(move.path);
            return;
        }
        const Found found = m_volume.see(move.path);
        if (!found.is(move.type) || !is_as_seen(move)) {
            return;
        }
        // A directory that still holds something is the site's.
        const bool is_gone =
            move.type == Type::directory ? m_volume.remove_directory(move.path) : m_volume.remove(move.path);
        if (!is_gone && !is_in_the_way(errno)) {
            fail_or_warn("remove", move.path);
        }
    }

    void set_mode(const Move& move) const
    {
        const Found found = m_volume.see(move.path);
        if (!found.is(move.type) || found.is(Type::link) || found.mode == move.mode) {
            return;
        }
        if (!m_volume.chmod(move.path, move.mode)) {
            m_notify({Level::warning,
                      std::string(m_volume.failure("set the mode of", move.path).what()) + ", proceeding",
                      {}});
        }
    }

    void offer(const Move& move, const std::string& to)
    {
        const std::string from = staged(move);
        if (move.type == Type::directory) {
            m_volume.clear(from);
            return;
        }
        clear_way(to);
        m_volume.ensure_directory(sys::parent_directory(to), 0755);
        m_changed.push_back(sys::parent_directory(to));
        if (m_volume.see(to).kind == Found::Kind::directory) {
            m_volume.clear(to);
        }
        rename(from, to);
    }

    // A file of an earlier image where this one has a directory.
    void clear_way(const std::string& path) const
    {
        for (auto end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1)) {
            const std::string part = path.substr(0, end);
            const Found found = m_volume.see(part);
            if (found.exists() && found.kind != Found::Kind::directory) {
                m_volume.clear(part);
            }
        }
    }

    const Tree& m_volume;
    const Journal& m_journal;
    const Notify& m_notify;
    std::vector<std::string> m_changed;  // files and directories
};

}  // namespace

void finish_pending(const Tree& volume, const std::string& product, const Notify& notify)
{
    const auto text = read_own(volume, "pending");
    if (!text) {
        return;
    }
    const Journal journal = parse_journal(*text, volume.full(own_path("pending")));
    if (journal.product != product) {
        throw Error(ExitCode::config, quoted(volume.root()) + " belongs to " + quoted(journal.product) +
                                          ", this image is " + quoted(product) +
                                          "; nothing was touched, mount the volume that belongs here");
    }
    Finish(volume, journal, notify).run();
}

}  // namespace dcm::volume
