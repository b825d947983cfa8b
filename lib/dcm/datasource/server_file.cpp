// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/server_file.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <utility>

namespace dcm::datasource {

namespace {

bool is_of_the_server(const std::string& directory)
{
    const std::string leaf = sys::file_name(directory);
    return leaf == "deploy" || leaf == "conf" || leaf == "lib";
}

// Whether a server may have made a link of root in `holder`: one that runs as root owns the directory. The sticky root
// of a volume is that of another user's server.
bool may_be_of_a_server(const sys::Fd& holder)
{
    struct stat status {};
    return geteuid() == 0 &&
           (fstat(holder.get(), &status) != 0 || (status.st_uid == 0 && (status.st_mode & S_ISVTX) == 0));
}

// Where the link at `path` leads; nullopt when it is none. Owner and target are those of one and the same link, whoever
// renames what in the meantime.
std::optional<std::string> followed(const sys::Beneath& tree, const std::string& path)
{
    const sys::Fd fd = tree.open(path, O_PATH);
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0 || !S_ISLNK(status.st_mode)) {
        return std::nullopt;
    }
    std::array<char, PATH_MAX> target{};
    const auto length = readlinkat(fd.get(), "", target.data(), target.size());
    const bool refused = status.st_uid == 0 ? may_be_of_a_server(tree.open_parent(path)) : status.st_uid != geteuid();
    if (refused || length <= 0) {
        throw Error(ExitCode::no_input, quoted(tree.full(path)) + " is a link that user " +
                                            std::to_string(status.st_uid) +
                                            " made, which is not followed; put the file itself there");
    }
    const std::string text(target.data(), static_cast<std::size_t>(length));
    return starts_with(text, "/") ? text : sys::parent_directory(tree.full(path)) + "/" + text;
}

}  // namespace

ServerFile::ServerFile(std::string path) : m_path(std::move(path))
{
    const std::string directory = sys::parent_directory(m_path);
    sys::Fd server;
    if (is_of_the_server(directory)) {
        server = sys::open_fd(sys::parent_directory(directory), O_RDONLY | O_DIRECTORY);
    }
    if (!server) {
        return;  // not the server's, or not there: who opens it finds out
    }
    sys::Beneath tree(std::move(server), sys::parent_directory(directory));
    m_name = sys::file_name(directory) + "/" + sys::file_name(m_path);
    if (auto elsewhere = followed(tree, sys::file_name(directory))) {
        sys::Fd target = sys::open_fd(*elsewhere, O_RDONLY | O_DIRECTORY);
        if (!target) {
            return;
        }
        tree = sys::Beneath(std::move(target), std::move(*elsewhere));
        m_name = sys::file_name(m_path);
    }
    if (auto elsewhere = followed(tree, m_name)) {
        m_path = std::move(*elsewhere);
        return;
    }
    m_server.emplace(std::move(tree));
}

std::optional<std::string> ServerFile::read(std::uint64_t max_bytes) const
{
    return m_server ? m_server->read(m_name, max_bytes) : sys::read_file(m_path, max_bytes);
}

sys::Fd ServerFile::open() const
{
    constexpr int flags = O_RDONLY | O_NONBLOCK;
    return m_server ? m_server->open(m_name, flags) : sys::open_fd(m_path, flags);
}

std::optional<mode_t> ServerFile::mode() const
{
    const sys::Fd fd = open();
    struct stat status {};
    return fd && fstat(fd.get(), &status) == 0 ? std::optional(status.st_mode & 07777U) : std::nullopt;
}

void ServerFile::write(const std::string& content, mode_t mode) const
{
    if (!m_server) {
        sys::write_file_atomically(m_path, content, mode);
        return;
    }
    const auto own = m_server->look(".dcm");
    const bool staged = m_name != sys::file_name(m_name) && own && S_ISDIR(own->st_mode) &&
                        faccessat(m_server->fd(), ".dcm", W_OK, AT_SYMLINK_NOFOLLOW) == 0;
    sys::write_file_atomically(*m_server, m_name, content, mode, staged ? ".dcm" : "");
}

}  // namespace dcm::datasource
