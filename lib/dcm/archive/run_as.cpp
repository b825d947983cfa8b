// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/run_as.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <vector>

namespace dcm::archive {

namespace {

using User = std::optional<sys::Credentials>;  // nullopt: as this process

std::string str(const sys::Credentials& user) { return std::to_string(user.uid) + ":" + std::to_string(user.gid); }

std::optional<struct stat> look(const std::string& path)
{
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? std::optional(status) : std::nullopt;
}

sys::Credentials owner_of(const std::string& path)
{
    const auto status = look(path);
    return status ? sys::Credentials{status->st_uid, status->st_gid} : sys::Credentials{0, 0};
}

bool is_directory(const std::string& path)
{
    const auto status = look(path);
    return status && S_ISDIR(status->st_mode);
}

std::vector<std::string> names_in(const std::string& directory)
{
    auto names = sys::read_directory(directory).value_or(std::vector<std::string>{});
    names.erase(std::remove(names.begin(), names.end(), "lost+found"), names.end());
    return names;
}

// A directory that cannot be used, and why.
struct Denied {
    std::string path;
    bool read_only = false;
};

// A link of somebody else may lead to what is nobody's to give or to replace.
bool is_link_of_others(const std::string& path)
{
    struct stat status {};
    return lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode) && status.st_uid != geteuid();
}

// Nothing to become for who is it already: containers without CAP_SETGID could not.
User as(const sys::Credentials& user)
{
    return user.uid == geteuid() && user.gid == getegid() ? std::nullopt : User(user);
}

constexpr int k_cannot_become = 255;  // of sys::in_child

// 0, or the errno of what storing a file in `directory` and finding it again meets.
int try_directory(const std::string& directory)
{
    const std::string path = directory + "/.dcm-write-" + std::to_string(getpid());
    sys::Fd fd = sys::open_fd(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!fd || unlink(path.c_str()) != 0) {
        return errno;
    }
    fd = sys::open_fd(directory, O_RDONLY | O_DIRECTORY);
    return fd ? 0 : errno;
}

// The first of `directories` that `user` cannot write, or of `files` that it cannot read.
std::optional<Denied> first_denied(const User& user, const std::vector<std::string>& directories,
                                   const std::vector<std::string>& files)
{
    constexpr std::size_t most = 60;  // so that the answer fits into an exit status
    const int answer = sys::in_child(user, [&] {
        for (std::size_t i = 0; i < directories.size() && i < most; ++i) {
            if (const int failure = try_directory(directories[i])) {
                return static_cast<int>(1 + 2 * i + (failure == EROFS ? 1 : 0));
            }
        }
        for (std::size_t i = 0; i < files.size() && i < most; ++i) {
            if (!sys::open_fd(files[i], O_RDONLY)) {
                return static_cast<int>(1 + 2 * (most + i));
            }
        }
        return 0;
    });
    if (answer == 0) {
        return std::nullopt;
    }
    if (answer == k_cannot_become) {
        throw Error(ExitCode::no_permission,
                    "cannot run anything as " + str(*user) +
                        "; give the container CAP_SETUID and CAP_SETGID, or start it as user " + str(*user));
    }
    const auto index = static_cast<std::size_t>(answer - 1) / 2;
    const std::string path = index < most ? directories.at(index) : files.at(index - most);
    return Denied{path, index < most && (answer - 1) % 2 == 1};
}

// The archive directory and, as far as they are there, those of the hour, in which an object would be stored now.
std::vector<std::string> directories_of_now(const std::string& archive)
{
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    std::vector<std::string> found{archive};
    for (const int part : {local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour}) {
        const std::string next = found.back() + "/" + std::to_string(part);
        if (!is_directory(next)) {
            break;
        }
        found.push_back(next);
    }
    return found;
}

// Of all in `path`, on its file system.
bool give(const std::string& path, const sys::Credentials& user)
{
    static sys::Credentials to;  // nftw passes nothing on
    to = user;
    return nftw(
               path.c_str(),
               [](const char* item, const struct stat*, int, FTW*) { return lchown(item, to.uid, to.gid); }, 16,
               FTW_PHYS | FTW_MOUNT) == 0;
}

class Chooser {
public:
    Chooser(const std::string& server, const Notify& notify)
        : m_server(server), m_archive(server + "/archive"), m_notify(notify)
    {
    }

    sys::Credentials by_origin(VolumeOrigin origin) const;
    RunAs for_archive(const sys::Credentials& user, bool is_wanted) const;
    void check_archive_as_we_are() const;
    void prepare_state(const sys::Credentials& user) const;

private:
    void say(Level level, const std::string& message) const { m_notify({level, message, {}}); }
    void warn_read_only() const
    {
        say(Level::warning, quoted(m_archive) + " is read-only, proceeding: images can be read, none can be stored");
    }
    RunAs of_images(const Denied& refusal, const std::string& cannot) const;
    void remember(const std::string& who, const std::string& reason) const;
    std::optional<Denied> denied(const sys::Credentials& user) const
    {
        return first_denied(as(user), directories_of_now(m_archive), {});
    }
    std::vector<std::string> state() const;
    std::vector<std::string> datasources() const;
    void give_state(const sys::Credentials& user) const;

    std::string m_server;
    std::string m_archive;
    const Notify& m_notify;
};

sys::Credentials Chooser::by_origin(VolumeOrigin origin) const
{
    if (origin == VolumeOrigin::original) {
        say(Level::info, "the volume is of the original image: the server runs as root, without capabilities; "
                         "DCM_RUN_AS=UID:GID names another user, who has to be able to write " +
                             quoted(m_archive));
    }
    return origin == VolumeOrigin::toolkit ? owner_of(m_server + "/conf") : sys::Credentials{0, 0};
}

RunAs Chooser::for_archive(const sys::Credentials& user, bool is_wanted) const
{
    if (mkdir(m_archive.c_str(), 0755) != 0 && !is_directory(m_archive)) {
        throw system_error("cannot create " + quoted(m_archive), errno, ExitCode::no_permission);
    }
    const auto refusal = denied(user);
    if (!refusal) {
        return {as(user)};
    }
    if (refusal->read_only) {
        warn_read_only();
        return {as(user)};
    }
    if (names_in(m_archive).empty() && !is_link_of_others(m_archive) &&
        chown(m_archive.c_str(), user.uid, user.gid) == 0 && !denied(user)) {
        say(Level::info, "gave the empty " + quoted(m_archive) + " to " + str(user));
        return {as(user)};
    }
    const std::string cannot = "uid " + std::to_string(user.uid) + " cannot write " + quoted(refusal->path);
    if (is_wanted) {
        throw Error(ExitCode::config, "DCM_RUN_AS: " + cannot + ", which belongs to " + str(owner_of(refusal->path)) +
                                          "; leave DCM_RUN_AS out, then the server runs as who can");
    }
    return of_images(*refusal, cannot);
}

// Several owners are what a server leaves behind that ran as root on a share of somebody else.
RunAs Chooser::of_images(const Denied& refusal, const std::string& cannot) const
{
    const sys::Credentials owner = owner_of(refusal.path);
    if (!denied(owner)) {
        remember(str(owner), cannot + ": the server runs as the owner of the images, " + str(owner));
        return {as(owner)};
    }
    for (const auto& directory : directories_of_now(m_archive)) {
        if (try_directory(directory) != 0) {
            throw Error(ExitCode::no_permission, cannot + ", nor can its owner " + str(owner) + " or root write " +
                                                     quoted(directory) + "; name a user who can as DCM_RUN_AS=UID:GID");
        }
    }
    remember("0:0 file access", cannot + ": the images have several owners, the server runs as root with access to "
                                         "everybody's files");
    return {as({0, 0}), sys::Privileges::file_access};
}

// One warning for each change of mind.
void Chooser::remember(const std::string& who, const std::string& reason) const
{
    const std::string path = m_server + "/.dcm/run-as";
    if (sys::read_file(path) == who + "\n") {
        return;
    }
    say(Level::warning, reason + "; whose they are is never changed");
    if (is_directory(m_server + "/.dcm") && !is_link_of_others(m_server + "/.dcm") && !is_link_of_others(path)) {
        sys::write_file_atomically(path, who + "\n");
    }
}

void Chooser::check_archive_as_we_are() const
{
    const auto refusal = is_directory(m_archive) ? denied({geteuid(), getegid()}) : std::nullopt;
    if (refusal && refusal->read_only) {
        warn_read_only();
    } else if (refusal) {
        const sys::Credentials owner = owner_of(refusal->path);
        throw Error(ExitCode::no_permission, "uid " + std::to_string(geteuid()) + " cannot write " +
                                                 quoted(refusal->path) + ", which belongs to " + str(owner) +
                                                 "; start the container as user " + str(owner) + ", or as root");
    }
}

std::vector<std::string> Chooser::state() const
{
    std::vector<std::string> found;
    for (const auto& name : names_in(m_server)) {
        const bool is_state = name == "log" || name == "tmp" || name == "work" || name == "data" ||
                              starts_with(name, "wadocache") || starts_with(name, "tar-extracted");
        if (is_state && is_directory(m_server + "/" + name)) {
            found.push_back(m_server + "/" + name);
        }
    }
    return found;
}

std::vector<std::string> Chooser::datasources() const
{
    std::vector<std::string> found;
    for (const auto& name : names_in(m_server + "/deploy")) {
        if (ends_with(name, "-ds.xml")) {
            found.push_back(m_server + "/deploy/" + name);
        }
    }
    return found;
}

// What the server writes beside the archive, and what it has to read though others must not.
void Chooser::prepare_state(const sys::Credentials& user) const
{
    auto directories = state();
    directories.push_back(m_server);
    const auto files = datasources();
    auto refusal = first_denied(as(user), directories, files);
    if (refusal && geteuid() == 0) {
        give_state(user);
        refusal = first_denied(as(user), directories, files);
    }
    if (!refusal) {
        return;
    }
    const std::string who = "uid " + std::to_string(user.uid);
    if (refusal->path == m_server) {
        say(Level::warning,
            who + " cannot write " + quoted(m_server) + ", proceeding: the server can make no new directory there");
        return;
    }
    throw Error(ExitCode::no_permission, who + " cannot use " + quoted(refusal->path) +
                                             (refusal->read_only ? ": read-only file system; mount it writable"
                                                                 : "; give it to that user: chown -R " + str(user) +
                                                                       " " + printable(refusal->path)));
}

void Chooser::give_state(const sys::Credentials& user) const
{
    bool given = true;
    for (const auto& directory : state()) {
        given = give(directory, user) && given;
    }
    for (const auto& file : datasources()) {
        given = lchown(file.c_str(), user.uid, user.gid) == 0 && given;
    }
    given = lchown(m_server.c_str(), user.uid, user.gid) == 0 && given;
    if (given) {
        say(Level::info, "gave what the server writes in " + quoted(m_server) + " to " + str(user));
    }
}

}  // namespace

RunAs choose_user(const std::string& server, const std::optional<sys::Credentials>& wanted, VolumeOrigin origin,
                  const Notify& notify)
{
    const sys::Credentials self{geteuid(), getegid()};
    if (!is_directory(server)) {
        return {wanted ? as(*wanted) : std::nullopt};  // the start itself will say so
    }
    const Chooser chooser(server, notify);
    RunAs chosen;
    if (self.uid == 0) {
        chosen = chooser.for_archive(wanted ? *wanted : chooser.by_origin(origin), wanted.has_value());
    } else if (!wanted || wanted->uid == self.uid) {
        chooser.check_archive_as_we_are();
    } else {
        throw Error(ExitCode::config, "DCM_RUN_AS is " + str(*wanted) + ", but all of the container runs as uid " +
                                          std::to_string(self.uid) + "; leave one of them out");
    }
    if (chosen.privileges == sys::Privileges::none) {
        chooser.prepare_state(chosen.user.value_or(self));
    }
    return chosen;
}

}  // namespace dcm::archive
