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
#include <filesystem>
#include <system_error>

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

// Without a link, as far as it is there: the kernel's rules hold for what a path leads to.
std::vector<std::string> resolved(const std::vector<std::string>& paths)
{
    std::vector<std::string> found;
    for (const auto& path : paths) {
        std::error_code failure;
        std::string real = std::filesystem::weakly_canonical(path, failure).string();
        real = failure ? path : std::move(real);
        found.push_back(real.size() > 1 && real.back() == '/' ? real.substr(0, real.size() - 1) : real);
    }
    return found;
}

class Ruleset {
public:
    Ruleset(int version, std::vector<std::string> hidden) : m_rights(rights_of(version)), m_hidden(std::move(hidden))
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
        syscall(SYS_landlock_add_rule, m_fd.get(), path_beneath, &rule, 0);  // one without a right is refused
    }

    // What is not hidden; a rule holds for all that is below, so the way to what is hidden is allowed piece by piece.
    void allow_looking(const std::string& path) const
    {
        if (is_hidden(path)) {
            return;
        }
        if (!hides_below(path)) {
            allow(path, k_look);
            return;
        }
        for (const auto& name : names_in(path)) {
            allow_looking((path == "/" ? path : path + "/") + name);
        }
    }

    // Not a single file, which somebody has mounted to be read, but for devices.
    void allow_writing(const std::string& path) const
    {
        struct stat status {};
        if (lstat(path.c_str(), &status) == 0 && (S_ISDIR(status.st_mode) || S_ISCHR(status.st_mode))) {
            allow(path, ~(k_make_character_device | k_make_block_device));
        }
    }

    // The same around what is hidden: where something in a directory is, no more than `at_top` in itself.
    void allow_writing_around(const std::string& path, std::uint64_t at_top) const
    {
        if (is_hidden(path)) {
            return;
        }
        if (!hides_below(path)) {
            allow_writing(path);
            return;
        }
        allow(path, at_top);
        for (const auto& name : names_in(path)) {
            allow_writing_around(path + "/" + name, 0);
        }
    }

    bool enforce() const { return syscall(SYS_landlock_restrict_self, m_fd.get(), 0) == 0; }

private:
    bool is_hidden(const std::string& path) const
    {
        return std::any_of(m_hidden.begin(), m_hidden.end(),
                           [&](const auto& secret) { return path == secret || is_below(path, secret); });
    }

    bool hides_below(const std::string& path) const
    {
        return std::any_of(m_hidden.begin(), m_hidden.end(),
                           [&](const auto& secret) { return is_below(secret, path); });
    }

    static std::vector<std::string> names_in(const std::string& path)
    {
        Fd directory = open_fd(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        return directory ? read_directory(std::move(directory)).value_or(std::vector<std::string>{})
                         : std::vector<std::string>{};
    }

    std::uint64_t m_rights;
    std::vector<std::string> m_hidden;
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
    const Ruleset rules(landlock_version(), resolved(confinement.hidden));
    if (!rules) {
        return false;
    }
    rules.allow_looking("/");
    rules.allow("/", k_read_directory);
    for (const auto& path : resolved(confinement.writable)) {
        rules.allow_writing(path);
    }
    for (const auto& path : resolved(confinement.mounts)) {
        rules.allow_writing_around(path, 0);
    }
    for (const auto& path : resolved(confinement.shared)) {
        rules.allow_writing_around(path, k_make_directory);
    }
    return rules.enforce();
}

}  // namespace dcm::sys
