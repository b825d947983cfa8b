// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/sha256.hpp>
#include <dcm/volume/manifest.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <memory>

namespace dcm::volume {

namespace {

std::vector<std::string> names_in(const std::string& directory)
{
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(directory.c_str()), closedir);
    if (!stream) {
        throw system_error("cannot read the directory " + quoted(directory), errno, ExitCode::no_input);
    }
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* const item = readdir(stream.get())) {
        const std::string name = item->d_name;
        if (name != "." && name != "..") {
            names.push_back(name);
        }
    }
    if (errno != 0) {
        throw system_error("cannot read the directory " + quoted(directory), errno, ExitCode::no_input);
    }
    return names;
}

Entry describe(const std::string& full, const std::string& path, const struct stat& status)
{
    Entry entry;
    entry.path = path;
    entry.mode = status.st_mode & 07777U;
    if (S_ISDIR(status.st_mode)) {
        entry.type = Type::directory;
    } else if (S_ISLNK(status.st_mode)) {
        entry.type = Type::link;
        entry.mode = 0777;
        std::array<char, PATH_MAX> target{};
        const auto length = readlink(full.c_str(), target.data(), target.size());
        if (length < 0) {
            throw system_error("cannot read the link " + quoted(full), errno, ExitCode::no_input);
        }
        entry.target.assign(target.data(), static_cast<std::size_t>(length));
    } else if (S_ISREG(status.st_mode)) {
        const sys::Fd fd = sys::open_fd(full, O_RDONLY);
        if (!fd) {
            throw system_error("cannot read " + quoted(full), errno, ExitCode::no_input);
        }
        entry.size = static_cast<std::uint64_t>(status.st_size);
        entry.sha256 = sys::sha256_of_file(fd.get(), full);
    } else {
        throw Error(ExitCode::data_error,
                    quoted(full) + " is neither file, directory nor link; take it out of the tree");
    }
    return entry;
}

void scan_into(const std::string& root, const std::string& prefix, const Classes& classes, Manifest& manifest)
{
    for (const auto& name : names_in(std::string(root).append("/").append(prefix))) {
        if (prefix.empty() && name == ".dcm") {
            continue;
        }
        const std::string path = std::string(prefix).append(name);
        const std::string full = std::string(root).append("/").append(path);
        struct stat status {};
        if (lstat(full.c_str(), &status) != 0) {
            throw system_error("cannot read " + quoted(full), errno, ExitCode::no_input);
        }
        manifest.push_back(describe(full, path, status));
        manifest.back().path_class = classes.of(path);
        if (S_ISDIR(status.st_mode)) {
            scan_into(root, path + "/", classes, manifest);
        }
    }
}

}  // namespace

Manifest scan(const std::string& root, const Classes& classes)
{
    Manifest manifest;
    scan_into(root, "", classes, manifest);
    std::sort(manifest.begin(), manifest.end(), [](const Entry& a, const Entry& b) { return a.path < b.path; });
    return manifest;
}

}  // namespace dcm::volume
