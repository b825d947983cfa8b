// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/server_tree.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/path_class.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/housekeeping.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <functional>

namespace dcm::archive {

namespace {

constexpr int k_cannot_become = 255;  // of sys::in_child
constexpr int k_deepest = 100;        // directories below one another that are given away

// 0, or the errno of making a file in `directory`.
int try_directory(const sys::Beneath& directory)
{
    const std::string name = ".dcm-write-" + std::to_string(getpid());
    directory.remove(name);  // of a run that was killed
    const sys::Fd file = directory.open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    const int failure = file ? 0 : errno;
    if (file) {
        directory.remove(name);
    }
    return failure;
}

// In a child that is `user`: 0 when all is well, else one more than twice the index of what is denied, odd where that
// is for want of rights, even on a read-only file system.
std::optional<std::size_t> ask_as(const std::optional<sys::Credentials>& user, const std::function<int()>& action,
                                  bool& read_only)
{
    const int answer = sys::in_child(user, action);
    if (answer == k_cannot_become) {
        throw Error(ExitCode::no_permission,
                    "cannot run anything as " + str(*user) +
                        "; give the container CAP_SETUID and CAP_SETGID, or start it as user " + str(*user));
    }
    read_only = answer % 2 == 0;
    return answer == 0 ? std::nullopt : std::optional(static_cast<std::size_t>(answer - 1) / 2);
}

int denial(std::size_t index, int failure) { return static_cast<int>(1 + 2 * index + (failure == EROFS ? 1 : 0)); }

bool is_denial(int failure) { return failure == EACCES || failure == EPERM || failure == EROFS; }

// Whether a file can be made in each of `paths` that is there.
int try_directories(const sys::Beneath& tree, const std::vector<std::string>& paths, sys::Beneath::Links links)
{
    constexpr std::size_t most = 60;  // so that the answer fits into an exit status
    for (std::size_t i = 0; i < std::min(paths.size(), most); ++i) {
        const auto directory = tree.enter(paths[i], links);
        const int failure = directory ? try_directory(*directory) : errno;
        if (is_denial(failure)) {
            return denial(i, failure);
        }
    }
    return 0;
}

// Of all in `path`, on its file system. A file of root's with a second name is left: the other may be elsewhere.
bool give(const sys::Beneath& tree, const std::string& path, const sys::Credentials& user, dev_t device, int depth)
{
    const auto status = tree.look(path);
    if (!status || status->st_dev != device || depth > k_deepest) {
        return status.has_value();
    }
    if (!S_ISDIR(status->st_mode)) {
        const bool is_shared = status->st_nlink > 1 && status->st_uid == 0;
        return is_shared || tree.chown(path, user.uid, user.gid);
    }
    bool given = tree.chown(path, user.uid, user.gid);
    for (const auto& name : tree.names(path).value_or(std::vector<std::string>{})) {
        given = give(tree, path == "." ? name : path + "/" + name, user, device, depth + 1) && given;
    }
    return given;
}

}  // namespace

std::string str(const sys::Credentials& user) { return std::to_string(user.uid) + ":" + std::to_string(user.gid); }

ServerTree::ServerTree(const std::string& server) : m_tree(server) {}

Denied ServerTree::denied(const std::string& path, bool read_only) const
{
    const auto directory = m_tree.enter(path, sys::Beneath::Links::of_root);
    const auto status = directory ? directory->look(".") : m_tree.look(path);
    return {m_tree.full(path), status ? sys::Credentials{status->st_uid, status->st_gid} : sys::Credentials{},
            read_only};
}

std::optional<Denied> ServerTree::first_denied(const std::optional<sys::Credentials>& user,
                                               const std::vector<std::string>& paths, sys::Beneath::Links links) const
{
    bool read_only = false;
    const auto index = ask_as(
        user, [&] { return try_directories(m_tree, paths, links); }, read_only);
    return index ? std::optional(denied(paths.at(*index), read_only)) : std::nullopt;
}

std::optional<Denied> ServerTree::first_denied_of_archive(const std::optional<sys::Credentials>& user) const
{
    return first_denied(user, archive_of_now(), sys::Beneath::Links::of_root);
}

bool ServerTree::can_store_now(const std::optional<sys::Credentials>& user) const
{
    auto directories = archive_of_now();
    while (directories.size() > 1 && !m_tree.enter(directories.back(), sys::Beneath::Links::of_root)) {
        directories.pop_back();
    }
    return !first_denied(user, {directories.back()}, sys::Beneath::Links::of_root);
}

bool ServerTree::is_archive_writable_by_us() const
{
    return try_directories(m_tree, archive_of_now(), sys::Beneath::Links::of_root) == 0;
}

std::optional<Denied> ServerTree::first_denied_of_state(const std::optional<sys::Credentials>& user) const
{
    auto directories = state();
    directories.emplace_back(".");
    if (auto refusal = first_denied(user, directories, sys::Beneath::Links::none)) {
        return refusal;
    }
    const auto files = datasources();
    bool read_only = false;
    const auto index = ask_as(
        user,
        [&] {
            for (std::size_t i = 0; i < std::min<std::size_t>(files.size(), 100); ++i) {
                if (!m_tree.open(files[i], O_RDONLY | O_NONBLOCK) && errno == EACCES) {
                    return denial(i, EACCES);
                }
            }
            return 0;
        },
        read_only);
    return index ? std::optional(denied(files.at(*index), read_only)) : std::nullopt;
}

// The archive directory and those of this hour, in which an object would be stored now.
std::vector<std::string> ServerTree::archive_of_now() const
{
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    std::vector<std::string> found{"archive"};
    for (const int part : {local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour}) {
        found.push_back(found.back() + "/" + std::to_string(part));
    }
    return found;
}

void ServerTree::make_archive(const sys::Credentials& user) const
{
    if (m_tree.make_directory("archive", 0755)) {
        m_tree.chown("archive", user.uid, user.gid);
    } else if (errno != EEXIST && errno != EROFS) {
        throw system_error("cannot create " + quoted(archive()), errno, ExitCode::no_permission);
    }
}

bool ServerTree::give_empty_archive(const sys::Credentials& user, sys::Beneath::Links links) const
{
    const auto directory = m_tree.enter("archive", links);
    const auto names = directory ? directory->names(".") : std::nullopt;
    return names && std::all_of(names->begin(), names->end(), sys::is_housekeeping) &&
           fchown(directory->fd(), user.uid, user.gid) == 0;
}

std::vector<std::string> ServerTree::state() const
{
    auto names = m_tree.names(".").value_or(std::vector<std::string>{});
    names.erase(std::remove_if(names.begin(), names.end(),
                               [](const std::string& name) { return name == "archive" || !is_filled_by_server(name); }),
                names.end());
    return names;
}

std::vector<std::string> ServerTree::datasources() const
{
    std::vector<std::string> found;
    for (const auto& name : m_tree.names("deploy").value_or(std::vector<std::string>{})) {
        if (ends_with(name, "-ds.xml")) {
            found.push_back("deploy/" + name);
        }
    }
    return found;
}

bool ServerTree::give_state(const sys::Credentials& user) const
{
    bool given = true;
    for (const auto& name : state()) {
        const auto directory = m_tree.enter(name);
        const auto status = directory ? directory->look(".") : std::nullopt;
        given = status && give(*directory, ".", user, status->st_dev, 0) && given;
    }
    for (const auto& file : datasources()) {
        given = m_tree.chown(file, user.uid, user.gid) && given;
    }
    // A volume that is ours has what root keeps in it: dcm/volume/own.hpp says whose its root is.
    return (m_tree.look(".dcm") || m_tree.chown(".", user.uid, user.gid)) && given;
}

}  // namespace dcm::archive
