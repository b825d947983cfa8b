// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/confinement.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace dcm::archive {

namespace {

// Mounted for something else than images, with all that is below.
constexpr std::array<std::string_view, 18> k_of_the_system{"/proc",
                                                           "/sys",
                                                           "/dev",
                                                           "/etc",
                                                           "/run",
                                                           "/usr",
                                                           "/bin",
                                                           "/sbin",
                                                           "/lib",
                                                           "/lib32",
                                                           "/lib64",
                                                           "/boot",
                                                           "/root",
                                                           "/opt/dcm",
                                                           "/tmp",
                                                           "/var/spool/cron",
                                                           "/var/lib/docker",
                                                           "/var/backups"};

// Nothing of terminals: a server of root would read what an administrator types.
constexpr std::array<std::string_view, 7> k_scratch{"/tmp",      "/dev/shm",    "/dev/null",   "/dev/zero",
                                                    "/dev/full", "/dev/random", "/dev/urandom"};

constexpr std::array<std::string_view, 30> k_variables{"PATH",
                                                       "HOME",
                                                       "USER",
                                                       "LOGNAME",
                                                       "SHELL",
                                                       "TERM",
                                                       "HOSTNAME",
                                                       "PWD",
                                                       "LANG",
                                                       "LANGUAGE",
                                                       "TZ",
                                                       "TMPDIR",
                                                       "JAVA",
                                                       "JAVA_HOME",
                                                       "JAVA_OPTS",
                                                       "JAVA_TOOL_OPTIONS",
                                                       "_JAVA_OPTIONS",
                                                       "JDK_JAVA_OPTIONS",
                                                       "RUN_CONF",
                                                       "MAX_FD",
                                                       "PROFILER",
                                                       "LAUNCH_JBOSS_IN_BACKGROUND",
                                                       "LD_LIBRARY_PATH",
                                                       "LD_PRELOAD",
                                                       "DCM4CHEE_HOME",
                                                       "DCM_DICOM_PORT",
                                                       "DCM_HTTP_PORT",
                                                       "FONTCONFIG_PATH",
                                                       "SSL_CERT_FILE",
                                                       "SSL_CERT_DIR"};

constexpr std::array<std::string_view, 3> k_prefixes{"LC_", "JBOSS_", "MALLOC_"};

bool is_in(const std::string& path, std::string_view directory)
{
    return path == directory || starts_with(path, std::string(directory) + "/");
}

bool overlaps(const std::string& path, const std::string& other) { return is_in(path, other) || is_in(other, path); }

bool holds_images(const std::string& mount, const std::vector<std::string>& secrets)
{
    const auto overlaps_mount = [&mount](std::string_view path) { return overlaps(mount, std::string(path)); };
    return mount != "/" && std::none_of(k_of_the_system.begin(), k_of_the_system.end(), overlaps_mount) &&
           std::none_of(secrets.begin(), secrets.end(), overlaps_mount);
}

bool is_year(const std::string& name) { return name.size() == 4 && parse_unsigned(name, 1990, 2999); }

// Directories NAME@SERVER with a file .archive, as scripts/maintenance/backup makes them, and not the server: somebody
// in it could keep it from its images by them.
void find_backups(const std::string& directory, int levels, std::vector<std::string>& found)
{
    constexpr std::size_t most = 10000;  // so many names are those of images
    const auto names = sys::read_directory(directory);
    // Where images are stored, the next year must find its place: beside what is hidden nothing new can be made.
    if (!names || names->size() > most || std::any_of(names->begin(), names->end(), is_year)) {
        return;
    }
    for (const auto& name : *names) {
        const std::string path = directory + "/" + name;
        struct stat status {};
        if (lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
            continue;
        }
        const std::string mark = path + "/.archive";
        if (name.find('@') != std::string::npos && lstat(mark.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
            (status.st_uid != geteuid() || geteuid() == 0)) {
            found.push_back(path);
        } else if (levels > 1) {
            find_backups(path, levels - 1, found);
        }
    }
}

bool is_allowed(const std::string& name)
{
    return std::find(k_variables.begin(), k_variables.end(), name) != k_variables.end() ||
           std::any_of(k_prefixes.begin(), k_prefixes.end(),
                       [&name](std::string_view prefix) { return starts_with(name, prefix); });
}

std::vector<std::string> words_of(const std::string& text)
{
    std::vector<std::string> words;
    for (const auto part : split(text, ',')) {
        for (const auto word : split(part, ' ')) {
            if (!trim(word).empty()) {
                words.emplace_back(trim(word));
            }
        }
    }
    return words;
}

}  // namespace

sys::Confinement confinement_of(const std::string& server, const RunAs& run_as, const std::vector<std::string>& mounts,
                                std::vector<std::string> secrets)
{
    sys::Confinement confinement;
    confinement.writable.assign(k_scratch.begin(), k_scratch.end());
    const bool enters_everything = run_as.privileges == sys::Privileges::file_access;
    (enters_everything ? confinement.shared : confinement.writable).push_back(server);
    std::copy_if(mounts.begin(), mounts.end(), std::back_inserter(confinement.mounts),
                 [&](const std::string& mount) { return !is_in(mount, server) && holds_images(mount, secrets); });
    if (enters_everything) {
        secrets.push_back(server + "/.dcm");
    }
    confinement.hidden = std::move(secrets);
    return confinement;
}

void hide_backups(sys::Confinement& confinement)
{
    constexpr int levels = 2;
    for (const auto& mount : confinement.mounts) {
        find_backups(mount, levels, confinement.hidden);
    }
}

std::vector<std::string> secret_paths(const std::vector<std::string>& environment, const std::string& run_dir,
                                      const std::string& backups)
{
    std::vector<std::string> paths{"/run/secrets",  "/etc/shadow",     "/etc/shadow-", "/etc/gshadow",
                                   "/etc/gshadow-", "/root",           "/dev/pts",     "/dev/console",
                                   "/crontab_file", "/var/spool/cron", run_dir,        backups};
    for (const auto& entry : environment) {
        const auto equals = entry.find('=');
        const std::string value = equals == std::string::npos ? "" : entry.substr(equals + 1);
        if (ends_with(entry.substr(0, equals), "_FILE") && starts_with(value, "/")) {
            paths.push_back(value);
        }
    }
    return paths;
}

std::vector<std::string> server_environment(const std::vector<std::string>& environment, const std::string& wanted)
{
    const auto names = words_of(wanted);
    std::vector<std::string> found;
    std::copy_if(environment.begin(), environment.end(), std::back_inserter(found), [&](const std::string& entry) {
        const std::string name = entry.substr(0, entry.find('='));
        return is_allowed(name) || std::find(names.begin(), names.end(), name) != names.end();
    });
    return found;
}

std::vector<std::string> confined(const std::string& helper, const sys::Confinement& confinement,
                                  const std::vector<std::string>& command)
{
    std::vector<std::string> arguments{helper};
    const auto add = [&arguments](const char* kind, const std::vector<std::string>& paths) {
        for (const auto& path : paths) {
            arguments.push_back(kind + path);
        }
    };
    add("w:", confinement.writable);
    add("m:", confinement.mounts);
    add("s:", confinement.shared);
    add("h:", confinement.hidden);
    arguments.emplace_back("--");
    arguments.insert(arguments.end(), command.begin(), command.end());
    return arguments;
}

ConfinedCommand parse_confined(const std::vector<std::string>& arguments)
{
    ConfinedCommand parsed;
    const auto end = std::find(arguments.begin(), arguments.end(), "--");
    for (auto argument = arguments.begin(); argument != end; ++argument) {
        auto* const list = starts_with(*argument, "w:")   ? &parsed.confinement.writable
                           : starts_with(*argument, "m:") ? &parsed.confinement.mounts
                           : starts_with(*argument, "s:") ? &parsed.confinement.shared
                           : starts_with(*argument, "h:") ? &parsed.confinement.hidden
                                                          : nullptr;
        if (list == nullptr) {
            return {};
        }
        list->push_back(argument->substr(2));
    }
    if (end != arguments.end()) {
        parsed.command.assign(end + 1, arguments.end());
    }
    return parsed;
}

}  // namespace dcm::archive
