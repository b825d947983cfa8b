// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/archive_files.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

namespace dcm::db {

namespace {

constexpr std::size_t k_newest = 20;

struct File {
    std::uint64_t pk = 0;
    std::string root;  // of its file system
    std::string path;
};

// The newest rows of `files` on one file system. Without the index by name a server may walk the primary key, past
// every file of other file systems.
Result newest_on(Session& session, std::uint64_t filesystem)
{
    return session.run("SELECT pk, filepath FROM files FORCE INDEX (filesystem_fk) WHERE filesystem_fk = " +
                       std::to_string(filesystem) + " ORDER BY pk DESC LIMIT 20");
}

std::uint64_t number(const std::string& text) { return parse_unsigned(text, 0, UINT64_MAX).value_or(0); }

// The newest files on online file systems, newest first; or why the database cannot tell.
std::optional<Failure> list_newest(Session& session, const std::string& directory, std::vector<File>& files)
{
    const Result systems = session.run("SELECT pk, dirpath FROM filesystem WHERE availability = 0");
    if (systems.failure) {
        return systems.failure;
    }
    for (const auto& system : systems.rows) {
        const std::string& dirpath = system.at(1);
        if (starts_with(dirpath, "tar:")) {
            continue;
        }
        const Result newest = newest_on(session, number(system.at(0)));
        if (newest.failure) {
            return newest.failure;
        }
        const std::string root = starts_with(dirpath, "/") ? dirpath : directory + "/" + dirpath;
        for (const auto& row : newest.rows) {
            files.push_back({number(row.at(0)), root, std::string(root).append("/").append(row.at(1))});
        }
    }
    std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.pk > b.pk; });
    files.resize(std::min(files.size(), k_newest));
    return std::nullopt;
}

bool is_missing(const std::string& path)
{
    struct stat status {};
    return stat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

std::string joined(const std::set<std::string>& roots)
{
    std::string text;
    for (const auto& root : roots) {
        text += (text.empty() ? "" : ", ") + quoted(root);
    }
    return text;
}

}  // namespace

ArchiveFiles check_archive_files(Session& session, const std::string& directory)
{
    std::vector<File> files;
    if (const auto failure = list_newest(session, directory, files)) {
        constexpr int no_such_table = 1146;
        if (is_lost_connection(failure->cause)) {
            return {failure, {}};
        }
        return {std::nullopt, failure->number == no_such_table
                                  ? ""
                                  : "cannot check that the archive's files are there: " + failure->detail};
    }
    std::size_t missing = 0;
    std::set<std::string> roots;
    for (const auto& file : files) {
        if (is_missing(file.path)) {
            ++missing;
            roots.insert(file.root);
        }
    }
    if (missing == 0) {
        return {};
    }
    const std::string count = " of the newest " + std::to_string(files.size()) + " files that the database knows ";
    if (missing == files.size()) {
        return {Failure{Cause::archive_missing, 0,
                        "none" + count + "is under " + joined(roots) +
                            ": the mount of the archive is missing or empty; mount it there (volumes: in "
                            "docker-compose.yml), or restore it; DCM_ARCHIVE_CHECK=warn starts without"},
                {}};
    }
    return {std::nullopt, std::to_string(missing) + count + "are not under " + joined(roots) +
                              "; look for a missing mount, or restore them"};
}

}  // namespace dcm::db
