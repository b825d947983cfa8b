// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/sha256.hpp>
#include <dcm/volume/escape.hpp>
#include <dcm/volume/own.hpp>

#include <fcntl.h>
#include <linux/fs.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace dcm::volume {

namespace {

constexpr std::uint64_t k_most_bytes = 16U << 20U;
constexpr std::array<std::string_view, 5> k_directories{"tmp", "new", "previous", "replaced", "hardened"};
constexpr std::array<std::string_view, 10> k_files{"marker",          "restore",          "manifest", "lock",
                                                   "run-as",          "pending",          "undo",     "written",
                                                   "marker.previous", "manifest.previous"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_of_us(uid_t owner) { return owner == geteuid() || (geteuid() == 0 && owner == k_keeper); }

// Not on SMB, not where a server squashes root: tried, since no table of file systems would be complete. False also
// where it cannot be tried: the disk is full, say, or the mount read-only.
bool keeps_owners(const Tree& volume)
{
    const std::string probe = ".dcm-owner-" + std::to_string(getpid());
    if (geteuid() != 0 || (!volume.make_directory(probe, 0700) && errno != EEXIST)) {
        return false;
    }
    const bool given = volume.chown(probe, k_keeper, k_keeper);
    const auto status = volume.look(probe);
    volume.remove_directory(probe);
    return given && status && status->st_uid == k_keeper;
}

void note(const Tree& volume, const std::string& path, std::string_view before, std::string_view after)
{
    const auto text = is_read(trust_of(volume)) ? read_own(volume, "manifest") : std::nullopt;
    if (!text) {
        return;
    }
    auto notes = read_written(volume);
    const Manifest manifest = parse_manifest(*text, volume.full(own_path("manifest")));
    const Entry* const entry = find(manifest, path);
    const std::string hash = sys::sha256(before);
    if ((entry == nullptr || entry->sha256 != hash) && notes[path] != hash) {
        return;
    }
    notes[path] = sys::sha256(after);
    std::string lines;
    for (const auto& [name, written] : notes) {
        lines += written + " " + escape(name) + "\n";
    }
    sys::write_file_atomically(volume, own_path("written"), lines, 0600);
}

}  // namespace

Trust trust_of(const Tree& volume, Probe probe)
{
    const auto status = volume.look(k_own_directory);
    if (!status) {
        if (errno != ENOENT) {
            throw volume.failure("read", k_own_directory);
        }
        return Trust::none;
    }
    if (S_ISDIR(status->st_mode) && is_of_us(status->st_uid)) {
        return (status->st_mode & 0077U) == 0 ? Trust::ours : Trust::open;
    }
    if (!S_ISDIR(status->st_mode) || (probe == Probe::yes && keeps_owners(volume))) {
        return Trust::foreign;
    }
    const sys::Fd own = geteuid() != 0 ? volume.open(k_own_directory, O_RDONLY | O_DIRECTORY) : sys::Fd();
    const bool is_closed = geteuid() != 0 && !own && errno == EACCES;
    return is_closed ? Trust::closed : Trust::unowned;
}

std::optional<std::string> read_own(const Tree& volume, const std::string& name)
{
    return volume.read(own_path(name), k_most_bytes);
}

std::optional<Marker> read_marker_of(const std::string& server)
{
    constexpr std::uint64_t max_bytes = 4096;
    const sys::Fd root = sys::open_fd(server, O_RDONLY | O_DIRECTORY);
    if (!root) {
        return std::nullopt;
    }
    const Tree volume(server);
    const auto text = is_read(trust_of(volume)) ? volume.read(own_path("marker"), max_bytes) : std::nullopt;
    return text ? std::optional(parse_marker(*text, volume.full(own_path("marker")))) : std::nullopt;
}

std::optional<sys::Credentials> parse_user_of_server(std::string_view text)
{
    const auto user = sys::parse_credentials(text);
    return user && user->uid != k_keeper ? user : std::nullopt;
}

std::string format_run_as(const RunAs& record)
{
    return std::to_string(record.user.uid) + ":" + std::to_string(record.user.gid) +
           (record.is_settled ? " settled" : " seeded") + (record.has_file_access ? " files" : "") + "\n";
}

std::optional<RunAs> parse_run_as(std::string_view text)
{
    if (text.empty() || text.back() != '\n') {
        return std::nullopt;
    }
    const auto words = split(text.substr(0, text.size() - 1), ' ');
    const auto user = parse_user_of_server(words.front());
    const bool has_file_access = words.size() == 3 && words[2] == "files";
    const bool is_whole = words.size() == 2 || has_file_access;
    if (!user || !is_whole || (words[1] != "seeded" && words[1] != "settled")) {
        return std::nullopt;
    }
    RunAs record{*user, words[1] == "settled", has_file_access};
    return format_run_as(record) == text ? std::optional(record) : std::nullopt;
}

std::optional<RunAs> read_run_as(const Tree& volume, Probe probe)
{
    const Trust trust = trust_of(volume, probe);
    constexpr std::uint64_t max_bytes = 64;
    const bool is_known = is_read(trust) && (trust != Trust::unowned || probe == Probe::yes);
    const auto text = is_known ? volume.read(own_path("run-as"), max_bytes) : std::nullopt;
    const auto record = text ? parse_run_as(*text) : std::nullopt;
    const bool is_root = record && (record->user.uid == 0 || record->has_file_access);
    const auto own = volume.look(k_own_directory);
    const bool is_kept = trust == Trust::ours && own && own->st_uid == k_keeper;
    return is_root && !is_kept ? std::nullopt : record;
}

void write_run_as(const Tree& volume, const RunAs& record)
{
    if (!is_read(trust_of(volume, Probe::yes))) {
        return;
    }
    protect(volume, record.user);
    sys::write_file_atomically(volume, own_path("run-as"), format_run_as(record), 0600);
}

sys::Credentials owner_by_root(const Tree& volume, bool is_new)
{
    const auto root = volume.look(".");
    if (!root) {
        throw volume.failure("read", ".");
    }
    const bool is_of_root = root->st_uid == 0 || root->st_uid == k_keeper;
    if (!is_of_root || geteuid() != 0) {
        return {root->st_uid, root->st_gid};
    }
    // A volume that was filled, and lost its `.dcm`: its server had that group, and never was root.
    const bool has_group = root->st_uid == 0 && root->st_gid != 0 && (root->st_mode & S_ISVTX) != 0;
    const auto conf = volume.look("conf");
    if (conf && S_ISDIR(conf->st_mode) && conf->st_uid != 0 && conf->st_uid != k_keeper) {
        return {conf->st_uid, has_group ? root->st_gid : conf->st_gid};
    }
    if (has_group) {
        return {root->st_gid, root->st_gid};
    }
    const passwd* const image_user = is_new ? getpwnam("dcm") : nullptr;
    return image_user != nullptr ? sys::Credentials{image_user->pw_uid, image_user->pw_gid} : sys::Credentials{0, 0};
}

bool is_kept_out(const Tree& volume)
{
    const auto own = volume.look(k_own_directory);
    const auto root = volume.look(".");
    const bool is_ours = geteuid() == 0 && own && is_of_us(own->st_uid);
    return !is_ours || (root && root->st_uid == own->st_uid && (root->st_mode & S_ISVTX) != 0);
}

std::vector<std::string> protect(const Tree& volume, const sys::Credentials& user)
{
    if (!volume.make_directory(k_own_directory, 0700) && errno != EEXIST) {
        throw volume.failure("create", k_own_directory);
    }
    if (geteuid() == 0) {
        const uid_t owner = user.uid == 0 ? k_keeper : 0;
        const auto own = volume.look(k_own_directory);
        const bool is_given = own && (own->st_uid == owner || volume.chown(k_own_directory, owner, 0));
        // Without the keeper of `.dcm` a sticky root directory protects nothing.
        if (const auto root = is_given ? volume.look(".") : std::nullopt) {
            const mode_t mode = 01770U | (root->st_mode & 0005U);
            const bool is_so = root->st_uid == owner && root->st_gid == user.gid && (root->st_mode & 07777U) == mode;
            if (!is_so && fchown(volume.fd(), owner, user.gid) == 0) {
                static_cast<void>(fchmod(volume.fd(), mode));
            }
        }
    }
    static_cast<void>(volume.chmod(k_own_directory, 0700));
    std::vector<std::string> removed;
    for (const auto& path : volume.list(k_own_directory)) {
        const std::string name = sys::file_name(path);
        const Found found = volume.see(path);
        const bool is_wrong = (is_one_of(k_directories, name) && !found.is(Type::directory)) ||
                              (is_one_of(k_files, name) && !found.is(Type::file));
        // What another command keeps there is a file or a directory.
        if (is_wrong || !(found.is(Type::file) || found.is(Type::directory))) {
            volume.clear(path);
            removed.push_back(name);
        } else if (found.is(Type::file) && (found.mode & 0077U) != 0) {
            static_cast<void>(volume.chmod(path, 0600));
        }
    }
    return removed;
}

void remove_leftovers(const Tree& volume)
{
    for (const auto& name : volume.names(k_own_directory).value_or(std::vector<std::string>{})) {
        if (sys::is_temporary_name(name) && volume.see(own_path(name)).is(Type::file)) {
            volume.remove(own_path(name));
        }
    }
}

std::map<std::string, std::string> read_written(const Tree& volume)
{
    constexpr std::size_t hash_digits = 64;
    std::map<std::string, std::string> notes;
    const std::string text = read_own(volume, "written").value_or("");
    for (const auto line : split(text, '\n')) {
        const auto path = line.size() > hash_digits + 1 ? unescape(line.substr(hash_digits + 1)) : std::nullopt;
        if (path) {
            notes[*path] = line.substr(0, hash_digits);
        }
    }
    return notes;
}

void note_written(const std::string& server, const std::string& file, std::string_view before, std::string_view after,
                  const Notify& notify)
{
    if (!starts_with(file, server + "/")) {
        return;
    }
    try {
        note(Tree(server), file.substr(server.size() + 1), before, after);
    } catch (const Error& failure) {
        notify({Level::warning, "--verify will call " + quoted(file) + " edited: " + failure.what(), {}});
    }
}

std::string set_foreign_aside(const Tree& volume)
{
    const auto status = volume.look(k_own_directory);
    const std::string name = ".dcm-of-uid-" + std::to_string(status ? status->st_uid : 0);
    for (unsigned number = 1; number < 100; ++number) {
        const std::string free = number == 1 ? name : name + "-" + std::to_string(number);
        if (!volume.look(free) && volume.rename(k_own_directory, free)) {
            return free;
        }
    }
    throw volume.failure("move away", k_own_directory);
}

}  // namespace dcm::volume
