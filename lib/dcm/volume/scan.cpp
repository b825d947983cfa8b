// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/sha256.hpp>
#include <dcm/volume/tree.hpp>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

namespace dcm::volume {

namespace {

Entry describe(const Tree& tree, const std::string& path, const Found& found)
{
    Entry entry;
    entry.path = path;
    entry.mode = found.mode;
    if (found.is(Type::directory)) {
        entry.type = Type::directory;
    } else if (found.is(Type::link)) {
        entry.type = Type::link;
        entry.mode = 0777;
        entry.target = tree.read_link(path).value_or("");
    } else if (found.is(Type::file)) {
        const sys::Fd fd = tree.open(path, O_RDONLY);
        if (!fd) {
            throw system_error("cannot read " + quoted(tree.full(path)), errno, ExitCode::no_input);
        }
        entry.size = found.size;
        entry.sha256 = sys::sha256_of_file(fd.get(), tree.full(path));
    } else {
        throw Error(ExitCode::data_error,
                    quoted(tree.full(path)) + " is neither file, directory nor link; take it out of the tree");
    }
    return entry;
}

void scan_into(const Tree& tree, const std::string& directory, Classify classify, Manifest& manifest)
{
    for (const auto& path : tree.list(directory)) {
        if (path == k_own_directory) {
            continue;
        }
        manifest.push_back(describe(tree, path, tree.see(path)));
        manifest.back().path_class = classify(path);
        if (manifest.back().type == Type::directory) {
            scan_into(tree, path, classify, manifest);
        }
    }
}

}  // namespace

Manifest scan(const std::string& root, Classify classify)
{
    Manifest manifest;
    scan_into(Tree(root), ".", classify, manifest);
    std::sort(manifest.begin(), manifest.end(), [](const Entry& a, const Entry& b) { return a.path < b.path; });
    return manifest;
}

}  // namespace dcm::volume
