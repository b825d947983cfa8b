// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/landlock.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace dcm::sys {

namespace {

// Of <linux/landlock.h>, whose older editions know fewer.
constexpr std::uint64_t k_execute = 1U << 0U;
constexpr std::uint64_t k_write_file = 1U << 1U;
constexpr std::uint64_t k_read_file = 1U << 2U;
constexpr std::uint64_t k_read_directory = 1U << 3U;
constexpr std::uint64_t k_make_character_device = 1U << 6U;
constexpr std::uint64_t k_make_directory = 1U << 7U;
constexpr std::uint64_t k_make_block_device = 1U << 11U;
constexpr std::uint64_t k_truncate = 1U << 14U;        // version 3
constexpr std::uint64_t k_device_control = 1U << 15U;  // version 5
constexpr std::uint64_t k_all_of_version_1 = (1U << 13U) - 1;
constexpr std::uint64_t k_scope_abstract_sockets = 1U << 0U;  // version 6
constexpr std::uint64_t k_scope_signals = 1U << 1U;

constexpr std::uint64_t k_look = k_execute | k_read_file | k_read_directory;
constexpr std::uint64_t k_of_files = k_execute | k_write_file | k_read_file | k_truncate | k_device_control;

struct RulesetAttributes {
    std::uint64_t files;
    std::uint64_t network;
    std::uint64_t scoped;
};

struct __attribute__((packed)) PathRule {
    std::uint64_t allowed;
    std::int32_t parent;
};

std::uint64_t rights_of(int version)
{
    std::uint64_t rights = k_all_of_version_1;
    for (int since = 2; since <= std::min(version, 3); ++since) {
        rights |= 1U << static_cast<unsigned>(11 + since);
    }
    return version >= 5 ? rights | k_device_control : rights;
}

bool is_below(const std::string& path, const std::string& directory)
{
    return path.size() > directory.size() && starts_with(path, directory == "/" ? directory : directory + "/");
}

class Ruleset {
public:
    explicit Ruleset(int version) : m_rights(rights_of(version))
    {
        RulesetAttributes attributes{m_rights, 0,
                                     version >= 6 ? k_scope_abstract_sockets | k_scope_signals : std::uint64_t{0}};
        const std::size_t size = version >= 6 ? sizeof(attributes) : sizeof(attributes.files);
        m_fd.reset(static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
    }

    explicit operator bool() const { return static_cast<bool>(m_fd); }

    void allow(const std::string& path, std::uint64_t rights) const
    {
        const Fd fd = open_fd(path, O_PATH | O_NOFOLLOW);
        struct stat status {};
        if (!fd || fstat(fd.get(), &status) != 0 || S_ISLNK(status.st_mode)) {
            return;
        }
        PathRule rule{rights & m_rights & (S_ISDIR(status.st_mode) ? ~std::uint64_t{0} : k_of_files), fd.get()};
        constexpr int path_beneath = 1;
        syscall(SYS_landlock_add_rule, m_fd.get(), path_beneath, &rule, 0);
    }

    // What is not hidden; a rule holds for all that is below, so the way to what is hidden is allowed piece by piece.
    void allow_looking(const std::string& path, const std::vector<std::string>& hidden) const
    {
        if (std::find(hidden.begin(), hidden.end(), path) != hidden.end()) {
            return;
        }
        if (std::none_of(hidden.begin(), hidden.end(), [&](const auto& secret) { return is_below(secret, path); })) {
            allow(path, k_look);
            return;
        }
        const auto names = read_directory(path);
        for (const auto& name : names ? *names : std::vector<std::string>{}) {
            allow_looking((path == "/" ? path : path + "/") + name, hidden);
        }
    }

    // Not a single file, which somebody has mounted to be read, but for devices.
    void allow_writing(const std::string& path) const
    {
        struct stat status {};
        if (stat(path.c_str(), &status) == 0 && (S_ISDIR(status.st_mode) || S_ISCHR(status.st_mode))) {
            allow(path, ~(k_make_character_device | k_make_block_device));
        }
    }

    bool enforce() const { return syscall(SYS_landlock_restrict_self, m_fd.get(), 0) == 0; }

private:
    std::uint64_t m_rights;
    Fd m_fd;
};

}  // namespace

int landlock_version()
{
    constexpr unsigned ask_version = 1;
    const auto version = syscall(SYS_landlock_create_ruleset, nullptr, 0, ask_version);
    return version > 0 ? static_cast<int>(version) : 0;
}

bool confine(const Confinement& confinement)
{
    const Ruleset rules(landlock_version());
    if (!rules) {
        return false;
    }
    rules.allow_looking("/", confinement.hidden);
    rules.allow("/", k_read_directory);
    for (const auto& path : confinement.writable) {
        rules.allow_writing(path);
    }
    for (const auto& path : confinement.shared) {
        rules.allow(path, k_look | k_make_directory);
        const auto names = read_directory(path);
        for (const auto& name : names ? *names : std::vector<std::string>{}) {
            if (name != ".dcm") {
                rules.allow_writing(path + "/" + name);
            }
        }
    }
    return rules.enforce();
}

}  // namespace dcm::sys
