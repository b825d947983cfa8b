// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

namespace dcm::sys {

namespace {

constexpr std::string_view k_mark = ".dcm-";  // between the name and the PID

// The directory of what is replaced, and that of the temporary file.
struct Place {
    const Beneath& directory;
    const Beneath& staging;
    std::string leaf;

    std::string full() const { return directory.full(leaf); }
};

// Removes the temporary file unless it got its final name.
class Temporary {
public:
    explicit Temporary(const Place& place)
        : m_place(place), m_leaf("." + place.leaf + std::string(k_mark) + std::to_string(getpid()))
    {
        place.staging.remove(m_leaf);
        m_fd = place.staging.open(m_leaf, O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (!m_fd) {
            throw system_error("cannot create " + quoted(path()), errno, ExitCode::cant_create);
        }
    }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    ~Temporary()
    {
        if (!m_leaf.empty()) {
            m_place.staging.remove(m_leaf);
        }
    }

    int fd() const { return m_fd.get(); }
    std::string path() const { return m_place.staging.full(m_leaf); }

    void take_place()
    {
        if (renameat(m_place.staging.fd(), m_leaf.c_str(), m_place.directory.fd(), m_place.leaf.c_str()) != 0) {
            throw system_error("cannot replace " + quoted(m_place.full()), errno, ExitCode::cant_create,
                               errno == EBUSY ? "it is a mount of its own: mount its directory instead" : "");
        }
        m_leaf.clear();
    }

private:
    const Place& m_place;
    std::string m_leaf;
    Fd m_fd;
};

// Where a chain of symbolic links ends, so that a replaced link does not turn into a file.
std::string resolve(const std::string& path)
{
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) {
        return path;
    }
    char* const real = ::realpath(path.c_str(), nullptr);
    if (real == nullptr) {
        throw system_error("cannot follow the link " + quoted(path), errno, ExitCode::cant_create);
    }
    std::string target(real);
    std::free(real);
    return target;
}

struct Wanted {
    mode_t mode = 0644;
    uid_t uid = geteuid();
    gid_t gid = getegid();
};

Wanted wanted(std::optional<mode_t> mode, const std::optional<struct stat>& old)
{
    Wanted result;
    if (old && S_ISREG(old->st_mode)) {
        result = {static_cast<mode_t>(old->st_mode & 07777U), old->st_uid, old->st_gid};
    }
    result.mode = mode.value_or(result.mode);
    return result;
}

bool is_current(const Place& place, std::string_view content, const struct stat& old, const Wanted& want)
{
    return S_ISREG(old.st_mode) && static_cast<std::size_t>(old.st_size) == content.size() &&
           (old.st_mode & 07777U) == want.mode && place.directory.read(place.leaf, content.size()) == content;
}

void fill(const Temporary& temporary, std::string_view content, const Wanted& want)
{
    const auto cannot_write = [&] {
        return system_error("cannot write " + quoted(temporary.path()), errno, ExitCode::io_error,
                            errno == ENOSPC ? "free space on that file system" : "");
    };
    if (!write_all(temporary.fd(), content)) {
        throw cannot_write();
    }
    if ((want.uid != geteuid() || want.gid != getegid()) && fchown(temporary.fd(), want.uid, want.gid) != 0 &&
        errno != EPERM) {
        throw cannot_write();
    }
    if (fchmod(temporary.fd(), want.mode) != 0 || fsync(temporary.fd()) != 0) {
        throw cannot_write();
    }
}

WriteResult write_to(const Place& place, std::string_view content, std::optional<mode_t> mode)
{
    const auto old = place.directory.look(place.leaf);
    const Wanted want = wanted(mode, old);
    if (old && is_current(place, content, *old, want)) {
        return WriteResult::unchanged;
    }
    const SignalsHeld held;
    Temporary temporary(place);
    fill(temporary, content, want);
    temporary.take_place();
    // Some network file systems refuse fsync on a directory: their names are durable without it.
    if (fsync(place.directory.fd()) != 0 && errno != EINVAL && errno != ENOTSUP) {
        throw system_error("cannot make " + quoted(place.directory.root()) + " durable", errno);
    }
    return WriteResult::written;
}

Beneath opened(Fd directory, const std::string& path)
{
    if (!directory) {
        throw system_error("cannot open the directory " + quoted(path), errno, ExitCode::cant_create);
    }
    return {std::move(directory), path};
}

}  // namespace

WriteResult write_file_atomically(const std::string& path, std::string_view content, std::optional<mode_t> mode)
{
    const std::string target = resolve(path);
    const std::string parent = parent_directory(target);
    const Beneath directory = opened(open_fd(parent, O_RDONLY | O_DIRECTORY), parent);
    return write_to({directory, directory, file_name(target)}, content, mode);
}

WriteResult write_file_atomically(const Beneath& tree, const std::string& path, std::string_view content,
                                  std::optional<mode_t> mode, const std::string& staging)
{
    const auto open = [&](const std::string& at) {
        return opened(tree.open(at, O_RDONLY | O_DIRECTORY), tree.full(at));
    };
    const Beneath directory = open(parent_directory(path));
    const auto aside = staging.empty() ? std::nullopt : std::optional(open(staging));
    return write_to({directory, aside ? *aside : directory, file_name(path)}, content, mode);
}

bool is_temporary_name(std::string_view leaf)
{
    const auto mark = leaf.rfind(k_mark);
    return starts_with(leaf, ".") && mark != std::string_view::npos && mark > 1 &&
           parse_unsigned(leaf.substr(mark + k_mark.size()), 1, INT_MAX).has_value();
}

}  // namespace dcm::sys
