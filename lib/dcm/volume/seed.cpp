// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/lock.hpp>
#include <dcm/sys/mounts.hpp>
#include <dcm/sys/sha256.hpp>
#include <dcm/volume/fill.hpp>
#include <dcm/volume/manifest.hpp>
#include <dcm/volume/marker.hpp>
#include <dcm/volume/seed.hpp>

#include <dirent.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>

namespace dcm::volume {

namespace {

std::string own_file(const std::string& root, const std::string& name)
{
    return root + "/" + k_own_directory + "/" + name;
}

Marker read_identity(const std::string& source)
{
    const auto identity = read_marker(own_file(source, "identity"));
    if (!identity) {
        throw Error(ExitCode::no_input,
                    "no template in " + quoted(source) + ": " + quoted(own_file(source, "identity")) +
                        " is missing; set DCM_TEMPLATE, or make it with dcm-seed-volume --make-manifest");
    }
    return *identity;
}

std::string read_manifest_text(const std::string& source, const Marker& identity)
{
    const std::string path = own_file(source, "manifest");
    const auto text = sys::read_file(path);
    if (!text || sys::sha256(*text) != identity.manifest_sha256) {
        throw Error(ExitCode::data_error, quoted(path) + (text ? " does not fit its identity" : " is missing") +
                                              "; the image is damaged: pull or build it again");
    }
    return *text;
}

// The target with no link and no relative part in it, as /proc/self/mountinfo names it. Made when it does not exist.
std::string prepare_target(const std::string& target)
{
    if (mkdir(target.c_str(), 0755) != 0 && errno != EEXIST) {
        throw system_error("cannot create " + quoted(target), errno, ExitCode::cant_create,
                           errno == ENOENT ? "its parent directory is missing: check --target and DCM4CHEE_HOME" : "");
    }
    const std::unique_ptr<char, decltype(&std::free)> real(realpath(target.c_str(), nullptr), std::free);
    struct stat status {};
    if (!real || stat(real.get(), &status) != 0) {
        throw system_error("cannot follow " + quoted(target), errno, ExitCode::no_input);
    }
    if (!S_ISDIR(status.st_mode)) {
        throw Error(ExitCode::config, quoted(target) + " is not a directory; mount a volume there");
    }
    return real.get();
}

// A directory is as good as empty when it holds mounts only, or directories that lead to them.
bool is_empty(const std::string& directory, const std::string& prefix, const std::vector<std::string>& mounts)
{
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(directory.c_str()), closedir);
    if (!stream) {
        throw system_error("cannot read " + quoted(directory), errno, ExitCode::no_input);
    }
    while (const dirent* const item = readdir(stream.get())) {
        const std::string name = item->d_name;
        const std::string path = prefix + name;
        const bool own = prefix.empty() && (name == k_own_directory || name == "lost+found");
        if (name == "." || name == ".." || own || std::find(mounts.begin(), mounts.end(), path) != mounts.end()) {
            continue;
        }
        const bool leads_to_mount = std::any_of(
            mounts.begin(), mounts.end(), [&](const std::string& mount) { return starts_with(mount, path + "/"); });
        if (!leads_to_mount || !is_empty(directory + "/" + name, path + "/", mounts)) {
            return false;
        }
    }
    return true;
}

// Half of the image's code in place: a server tree, not somebody's photo collection.
bool looks_like_server(const std::string& target, const Manifest& manifest)
{
    std::size_t code = 0;
    std::size_t found = 0;
    for (const auto& entry : manifest) {
        if (entry.type != Type::file || (entry.path_class != Class::image && entry.path_class != Class::config)) {
            continue;
        }
        struct stat status {};
        ++code;
        found += lstat((target + "/" + entry.path).c_str(), &status) == 0 ? 1U : 0U;
    }
    return found > 0 && 2 * found >= code;
}

// The owner of the target's root; root's own volumes go to the image's user where there is one.
Owner choose_owner(const std::string& target)
{
    struct stat status {};
    if (stat(target.c_str(), &status) != 0) {
        throw system_error("cannot read " + quoted(target), errno, ExitCode::no_input);
    }
    if (status.st_uid == 0 && geteuid() == 0) {
        if (const passwd* const user = getpwnam("dcm")) {
            return {user->pw_uid, user->pw_gid};
        }
    }
    return {status.st_uid, status.st_gid};
}

void check_room(const std::string& target, const Manifest& manifest)
{
    struct statvfs free {};
    if (statvfs(target.c_str(), &free) != 0) {
        return;
    }
    std::uint64_t bytes = 0;
    for (const auto& entry : manifest) {
        bytes += (entry.size + free.f_bsize - 1) / free.f_bsize * free.f_bsize;
    }
    const std::uint64_t available = std::uint64_t{free.f_bavail} * free.f_frsize;
    if ((free.f_flag & ST_RDONLY) != 0) {
        throw Error(ExitCode::no_permission,
                    quoted(target) + " is empty and mounted read-only; mount it without ':ro'");
    }
    if (available < bytes) {
        throw Error(ExitCode::unavailable, "no room in " + quoted(target) + ": " + human_size(bytes) + " needed, " +
                                               human_size(available) + " free; free space there and start again");
    }
    // f_files 0: a file system that has no fixed number of inodes.
    if (free.f_files != 0 && free.f_favail < manifest.size() + 8) {
        throw Error(ExitCode::unavailable, "no inodes left in " + quoted(target) + ": " +
                                               std::to_string(manifest.size()) +
                                               " needed; remove files there and start again");
    }
}

class Seeding {
public:
    Seeding(const SeedSettings& settings, const Notify& notify)
        : m_settings(settings), m_notify(notify), m_identity(read_identity(settings.source))
    {
    }

    void run()
    {
        if (is_settled(m_settings.target)) {
            return;
        }
        m_target = prepare_target(m_settings.target);
        const auto mounts = sys::mounts_below(m_target);
        const std::string text = read_manifest_text(m_settings.source, m_identity);
        const Manifest manifest = parse_manifest(text, own_file(m_settings.source, "manifest"));
        const auto under_way = read_marker(own_file(m_target, "filling"));
        if (under_way && under_way->product != m_identity.product) {
            throw other_product(*under_way);
        }
        const bool adopt = !under_way && !is_empty(m_target, "", mounts);
        if (adopt && !looks_like_server(m_target, manifest)) {
            // A fill by another process may have begun since the look at "filling": then it is no stranger.
            if (!read_marker(own_file(m_target, "filling")) && !read_marker(own_file(m_target, "marker"))) {
                throw stranger();
            }
        }
        if (!adopt) {
            check_room(m_target, manifest);
        }
        make_own_directory();
        const sys::LockFile lock = take_lock();
        if (is_settled(m_target)) {
            return;
        }
        if (adopt && !read_marker(own_file(m_target, "filling"))) {
            finish(text, Adopted::yes);
            m_notify({Level::info,
                      "adopted " + quoted(m_target) + " as it is: a volume without a marker that holds a " +
                          m_identity.product + " tree",
                      {}});
            return;
        }
        fill_it(mounts, text, manifest);
    }

private:
    enum class Adopted { no, yes };

    // True when the marker says that there is nothing to do, or nothing that may be done.
    bool is_settled(const std::string& target) const
    {
        const auto marker = read_marker(own_file(target, "marker"));
        if (!marker) {
            return false;
        }
        if (marker->product != m_identity.product) {
            throw other_product(*marker);
        }
        if (!marker->same_content(m_identity) && !marker->adopted) {
            m_notify({Level::warning,
                      quoted(target) + " comes from image version " + marker->version + ", this one is " +
                          m_identity.version + "; the volume is used as it is",
                      {}});
        }
        return true;
    }

    Error other_product(const Marker& marker) const
    {
        return Error(ExitCode::config, quoted(m_settings.target) + " belongs to " + quoted(marker.product) +
                                           ", this image is " + quoted(m_identity.product) +
                                           "; nothing was touched, mount the volume that belongs here");
    }

    Error stranger() const
    {
        return Error(ExitCode::config, quoted(m_settings.target) + " is neither empty nor a " + m_identity.product +
                                           " tree; nothing was touched, mount an empty volume or the right one");
    }

    void make_own_directory() const
    {
        const std::string own = m_target + "/" + k_own_directory;
        if (mkdir(own.c_str(), 0755) != 0 && errno != EEXIST) {
            throw system_error("cannot create " + quoted(own), errno, ExitCode::cant_create,
                               errno == EROFS ? "mount the volume without ':ro'"
                                              : "make the volume writable for uid " + std::to_string(geteuid()));
        }
    }

    sys::LockFile take_lock() const
    {
        sys::LockFile lock(own_file(m_target, "lock"), m_settings.lock_timeout, [this](const std::string& holder) {
            m_notify({Level::info, "waiting for " + holder + ", which works on " + quoted(m_target), {}});
        });
        if (!lock.effective()) {
            m_notify({Level::warning,
                      "the file system of " + quoted(m_target) +
                          " has no locks, proceeding; start one container at a time on it",
                      {}});
        }
        return lock;
    }

    void fill_it(const std::vector<std::string>& mounts, const std::string& text, const Manifest& manifest)
    {
        sys::write_file_atomically(own_file(m_target, "filling"), format_marker(m_identity));
        const std::string tmp = own_file(m_target, "tmp");
        clear(tmp);
        if (mkdir(tmp.c_str(), 0700) != 0 && errno != EEXIST) {
            throw system_error("cannot create " + quoted(tmp), errno, ExitCode::cant_create);
        }
        const Owner owner = choose_owner(m_target);
        const FillSummary summary = fill({m_settings.source, m_target, mounts, owner, m_notify}, manifest);
        clear(tmp);
        rmdir(tmp.c_str());
        if (lchown(m_target.c_str(), owner.uid, owner.gid) != 0) {
            m_notify(
                {Level::warning,
                 system_error("cannot give " + quoted(m_target) + " to uid " + std::to_string(owner.uid), errno).what(),
                 {}});
        }
        finish(text, Adopted::no);
        m_notify({Level::info,
                  "filled " + quoted(m_target) + ": " + std::to_string(summary.files) + " files, " +
                      human_size(summary.bytes),
                  {}});
    }

    // The marker comes last: all that it vouches for is on disk.
    void finish(const std::string& manifest_text, Adopted adopted)
    {
        Marker marker = m_identity;
        marker.adopted = adopted == Adopted::yes;
        sys::write_file_atomically(own_file(m_target, "manifest"), manifest_text);
        sys::write_file_atomically(own_file(m_target, "marker"), format_marker(marker));
        unlink(own_file(m_target, "filling").c_str());
    }

    // What a run that was killed left behind. Plain files and links only: that is all that is made there.
    static void clear(const std::string& directory)
    {
        const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(directory.c_str()), closedir);
        while (stream) {
            const dirent* const item = readdir(stream.get());
            if (item == nullptr) {
                return;
            }
            unlink((directory + "/" + item->d_name).c_str());
        }
    }

    const SeedSettings& m_settings;
    const Notify& m_notify;
    Marker m_identity;
    std::string m_target;
};

}  // namespace

void seed(const SeedSettings& settings, const Notify& notify) { Seeding(settings, notify).run(); }

void make_manifest(const std::string& root, const std::string& product, const std::string& version)
{
    const std::string text = format_manifest(scan(root));
    const std::string own = root + "/" + k_own_directory;
    if (mkdir(own.c_str(), 0755) != 0 && errno != EEXIST) {
        throw system_error("cannot create " + quoted(own), errno, ExitCode::cant_create);
    }
    sys::write_file_atomically(own_file(root, "manifest"), text);
    sys::write_file_atomically(own_file(root, "identity"), format_marker({product, version, sys::sha256(text), false}));
}

}  // namespace dcm::volume
