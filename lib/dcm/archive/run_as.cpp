// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/run_as.hpp>
#include <dcm/archive/server_tree.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/beneath.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace dcm::archive {

namespace {

using User = std::optional<sys::Credentials>;  // nullopt: as this process

bool is_same(const sys::Credentials& a, const sys::Credentials& b) { return a.uid == b.uid && a.gid == b.gid; }

// A container without CAP_SETGID cannot even become who it is.
User as(const sys::Credentials& user) { return is_same(user, {geteuid(), getegid()}) ? std::nullopt : User(user); }

class Chooser {
public:
    Chooser(const std::string& server, const Notify& notify) : m_tree(server), m_notify(notify) {}

    Decision settle(const UserRecord& record) const;
    Decision keep(const UserRecord& record) const;
    Decision obey(const sys::Credentials& wanted, const UserRecord& record) const;
    void check_archive_as_we_are() const;
    void prepare_state(const sys::Credentials& user) const;

private:
    void say(Level level, const std::string& message) const { m_notify({level, message, {}}); }
    bool is_usable(const std::optional<Denied>& refusal) const;
    bool give_empty_archive(const sys::Credentials& user, const UserRecord& record) const;
    Decision of_images(const Denied& refusal, const UserRecord& record) const;
    Decision as_far_as_it_goes(const Denied& refusal, const sys::Credentials& user) const;

    ServerTree m_tree;
    const Notify& m_notify;
};

std::string cannot_write(const sys::Credentials& user, const Denied& refusal)
{
    return "uid " + std::to_string(user.uid) + " cannot write " + quoted(refusal.path) + ", which belongs to " +
           str(refusal.owner);
}

// A read-only archive is as usable as it can be.
bool Chooser::is_usable(const std::optional<Denied>& refusal) const
{
    if (refusal && refusal->read_only) {
        say(Level::warning,
            quoted(m_tree.archive()) + " is read-only, proceeding: images can be read, none can be stored");
    }
    return !refusal || refusal->read_only;
}

// Through an administrator's link only as long as no server can have laid it: one of root makes links of root's.
bool Chooser::give_empty_archive(const sys::Credentials& user, const UserRecord& record) const
{
    const bool is_administrators = !record.settled && record.user.uid != 0;
    const auto links = is_administrators ? sys::Beneath::Links::of_root : sys::Beneath::Links::none;
    if (!m_tree.give_empty_archive(user, links) || m_tree.first_denied_of_archive(as(user))) {
        return false;
    }
    say(Level::info, "gave the empty " + quoted(m_tree.archive()) + " to " + str(user));
    return true;
}

Decision Chooser::settle(const UserRecord& record) const
{
    const sys::Credentials& user = record.user;
    m_tree.make_archive(user);
    const auto refusal = m_tree.first_denied_of_archive(as(user));
    if (is_usable(refusal) || give_empty_archive(user, record)) {
        return {{as(user)}, UserRecord{user, true, false}};
    }
    return of_images(*refusal, record);
}

// Several owners are what a server leaves behind that ran as root on a share of somebody else.
Decision Chooser::of_images(const Denied& refusal, const UserRecord& record) const
{
    const std::string cannot = cannot_write(record.user, refusal);
    const sys::Credentials& owner = refusal.owner;
    const auto denied = m_tree.first_denied_of_archive(as(owner));
    if (!denied) {
        say(Level::warning, cannot + ": the server runs as the owner of the images; whose they are is never changed");
        return {{as(owner)}, UserRecord{owner, true, false}};
    }
    if (denied->owner.uid == owner.uid || !record.may_have_file_access || !m_tree.is_archive_writable_by_us()) {
        return as_far_as_it_goes(refusal, record.user);
    }
    say(Level::warning, cannot + ": the images have several owners, the server runs as root with access to everybody's "
                                 "files; whose they are is never changed");
    return {{as({0, 0}), sys::Privileges::file_access}, UserRecord{{0, 0}, true, true}};
}

// Nobody can write all of it: the archive comes up all the same, as the original image does, and nothing is settled. An
// owner that is found is never a reason to be root.
Decision Chooser::as_far_as_it_goes(const Denied& refusal, const sys::Credentials& user) const
{
    const std::string cannot = cannot_write(user, refusal);
    const std::string remedy =
        "; name a user who can write all of it as DCM_RUN_AS=UID:GID, or set owners and modes right";
    for (const auto& candidate : {user, refusal.owner}) {
        const bool is_chosen = is_same(candidate, user) || candidate.uid != 0;
        if (is_chosen && m_tree.can_store_now(as(candidate))) {
            say(Level::error, cannot + ": the server runs as " + str(candidate) +
                                  ", who can store images in the newest directory, but not everywhere" + remedy);
            return {{as(candidate)}, std::nullopt};
        }
    }
    say(Level::error, cannot + ": images cannot be stored there" + remedy);
    return {{as(user)}, std::nullopt};
}

// What the images say now may be what the server has made of them.
Decision Chooser::keep(const UserRecord& record) const
{
    Decision decision{{as(record.user)}, std::nullopt};
    m_tree.make_archive(record.user);
    if (record.file_access) {
        decision.run_as.privileges = sys::Privileges::file_access;
        return decision;
    }
    const auto refusal = m_tree.first_denied_of_archive(as(record.user));
    if (!is_usable(refusal) && !give_empty_archive(record.user, record)) {
        say(Level::error, cannot_write(record.user, *refusal) +
                              ": images cannot be stored there; DCM_RUN_AS=UID:GID changes who the server runs as");
    }
    return decision;
}

Decision Chooser::obey(const sys::Credentials& wanted, const UserRecord& record) const
{
    m_tree.make_archive(wanted);
    const auto refusal = m_tree.first_denied_of_archive(as(wanted));
    if (!is_usable(refusal) && !give_empty_archive(wanted, record)) {
        throw Error(ExitCode::config,
                    "DCM_RUN_AS: " + cannot_write(wanted, *refusal) + "; name a user who can, its owner for one");
    }
    const bool is_news = !record.settled || record.file_access || !is_same(wanted, record.user);
    return {{as(wanted)}, is_news ? std::optional(UserRecord{wanted, true, false}) : std::nullopt};
}

void Chooser::check_archive_as_we_are() const
{
    const auto refusal = m_tree.first_denied_of_archive(std::nullopt);
    if (!is_usable(refusal)) {
        throw Error(ExitCode::no_permission, cannot_write({geteuid(), getegid()}, *refusal) +
                                                 "; start the container as user " + str(refusal->owner) +
                                                 ", or as root");
    }
}

// What the server writes beside the archive, and what it has to read though others must not.
void Chooser::prepare_state(const sys::Credentials& user) const
{
    auto refusal = m_tree.first_denied_of_state(as(user));
    if (refusal && geteuid() == 0) {
        if (m_tree.give_state(user)) {
            say(Level::info, "gave what the server writes in " + quoted(m_tree.root()) + " to " + str(user));
        }
        refusal = m_tree.first_denied_of_state(as(user));
    }
    if (!refusal) {
        return;
    }
    const std::string who = "uid " + std::to_string(user.uid);
    if (refusal->path == m_tree.root()) {
        say(Level::warning, who + " cannot write " + quoted(refusal->path) +
                                ", proceeding: the server can make no new directory there");
        return;
    }
    // Its own modes are its own doing: a server that shut itself out must not keep every start down.
    if (refusal->owner.uid == user.uid && !refusal->read_only) {
        say(Level::warning, who + " cannot use " + quoted(refusal->path) +
                                ", which is its own, proceeding; chmod u+rwX it if the server needs it");
        return;
    }
    throw Error(ExitCode::no_permission, who + " cannot use " + quoted(refusal->path) +
                                             (refusal->read_only ? ": read-only file system; mount it writable"
                                                                 : "; give it to that user: chown -R " + str(user) +
                                                                       " " + printable(refusal->path)));
}

}  // namespace

Decision choose_user(const std::string& server, const std::optional<sys::Credentials>& wanted, const UserRecord& record,
                     const Notify& notify)
{
    const sys::Credentials self{geteuid(), getegid()};
    const Chooser chooser(server, notify);
    Decision decision;
    if (self.uid != 0) {
        if (wanted && wanted->uid != self.uid) {
            throw Error(ExitCode::config, "DCM_RUN_AS is " + str(*wanted) + ", but all of the container runs as uid " +
                                              std::to_string(self.uid) + "; leave one of them out");
        }
        chooser.check_archive_as_we_are();
    } else if (wanted) {
        decision = chooser.obey(*wanted, record);
    } else {
        decision = record.settled ? chooser.keep(record) : chooser.settle(record);
    }
    return decision;
}

void prepare_state(const std::string& server, const RunAs& run_as, const Notify& notify)
{
    if (run_as.privileges == sys::Privileges::none) {
        Chooser(server, notify).prepare_state(run_as.user.value_or(sys::Credentials{geteuid(), getegid()}));
    }
}

}  // namespace dcm::archive
