// SPDX-License-Identifier: Apache-2.0
#pragma once

// Random trees and edit histories, and a model of the rules to hold a volume against.
#include <dcm/core/error.hpp>
#include <dcm/volume/seed.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <temp_dir.hpp>

namespace fs = std::filesystem;
namespace volume = dcm::volume;

inline const bool k_in_memory = access("/dev/shm", W_OK) == 0 && setenv("TMPDIR", "/dev/shm", 1) == 0;

// "d", "f" and the content, "l" and the target.
using Paths = std::map<std::string, std::string>;

inline std::string parent(const std::string& path)
{
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

inline std::string at(const Paths& tree, const std::string& path)
{
    const auto found = tree.find(path);
    return found == tree.end() ? std::string() : found->second;
}

inline Paths read_tree(const std::string& root)
{
    Paths tree;
    for (auto item = fs::recursive_directory_iterator(root); item != fs::recursive_directory_iterator(); ++item) {
        const std::string path = item->path().string().substr(root.size() + 1);
        if (path == ".dcm") {
            item.disable_recursion_pending();
        } else if (item->is_symlink()) {
            tree[path] = "l" + fs::read_symlink(item->path()).string();
        } else if (item->is_directory()) {
            tree[path] = "d";
        } else {
            std::ifstream in(item->path(), std::ios::binary);
            tree[path] = "f" + std::string(std::istreambuf_iterator<char>(in), {});
        }
    }
    return tree;
}

inline void write_tree(const std::string& root, const Paths& tree)
{
    fs::create_directories(root);
    for (const auto& item : read_tree(root)) {
        fs::remove_all(root + "/" + item.first);
    }
    for (const auto& [path, what] : tree) {
        if (what == "d") {
            fs::create_directory(root + "/" + path);
        } else if (what[0] == 'l') {
            fs::create_symlink(what.substr(1), root + "/" + path);
        } else {
            std::ofstream(root + "/" + path, std::ios::binary) << what.substr(1);
        }
    }
}

inline void erase(Paths& tree, const std::string& path)
{
    for (auto item = tree.begin(); item != tree.end();) {
        const bool below = item->first == path || item->first.compare(0, path.size() + 1, path + "/") == 0;
        item = below ? tree.erase(item) : std::next(item);
    }
}

// The rules: what nobody but the image changed follows the image; everything else is as the site has it.
inline Paths model(const Paths& base, const Paths& image, const Paths& site)
{
    Paths all = base;
    all.insert(image.begin(), image.end());
    Paths result = site;
    const auto blocked = [&](std::string path) {
        while (!(path = parent(path)).empty()) {
            if (at(site, path) != "d" && at(site, path) != at(base, path)) {
                return true;
            }
        }
        return false;
    };
    const auto follows = [&](const std::string& path) {
        return !blocked(path) && at(base, path) != at(image, path) && at(site, path) == at(base, path);
    };
    for (auto item = all.rbegin(); item != all.rend(); ++item) {
        const auto next = result.lower_bound(item->first + "/");
        const bool holds_something = next != result.end() && parent(next->first) == item->first;
        if (follows(item->first) && !holds_something) {
            result.erase(item->first);
        }
    }
    for (const auto& [path, what] : image) {
        if (follows(path) && result.count(path) == 0 && (parent(path).empty() || at(result, parent(path)) == "d")) {
            result[path] = what;
        }
    }
    return result;
}

class Random {
public:
    explicit Random(unsigned seed) : m_engine(seed) {}

    unsigned below(unsigned limit) { return std::uniform_int_distribution<unsigned>(0, limit - 1)(m_engine); }

    std::string name()
    {
        static const std::vector<std::string> names{"conf", "-n", "new\nline", "\xff\xfe", "a b",
                                                    "%41",  "a",  "a-b",       "lib",      "x\ty",
                                                    "...",  "ä",  "'",         "b",        std::string(250, 'n')};
        return names[below(static_cast<unsigned>(names.size()))];
    }

    std::string content() { return below(6) == 0 ? "f" : "f" + std::to_string(below(1000)); }

    std::string thing()
    {
        const auto kind = below(8);
        return kind < 2 ? "d" : kind == 2 ? "l../" + std::to_string(below(9)) : content();
    }

    std::string any_path(const Paths& tree)
    {
        auto item = tree.begin();
        std::advance(item, below(static_cast<unsigned>(tree.size())));
        return item->first;
    }

    Paths edited(Paths tree, unsigned edits)
    {
        for (unsigned i = 0; i < edits; ++i) {
            const auto kind = tree.empty() ? 3 : below(6);
            const std::string path = tree.empty() ? "" : any_path(tree);
            if (kind == 0) {
                erase(tree, path);
            } else if (kind == 1) {
                erase(tree, path);
                tree[path] = thing();
            } else if (kind == 2 && tree[path][0] == 'f') {
                tree[path] = content();
            } else {
                const std::string fresh = at(tree, path) == "d" ? path + "/" + name() : name();
                tree.emplace(fresh, thing());
            }
        }
        return tree;
    }

private:
    std::mt19937 m_engine;
};

struct Case {
    explicit Case(unsigned seed, unsigned size = 25) : random(seed)
    {
        base = random.edited({{"conf", "d"}, {"conf/a", "f1"}}, size);
        image = random.edited(base, 8);
        image["conf-2"] = "fversion";  // never the same as base
        site = random.edited(base, 6);
        write_tree(old_image, base);
        write_tree(new_image, image);
        make_manifest(old_image, 1);
        make_manifest(new_image, 2);
    }

    void make_manifest(const std::string& root, std::uint64_t time) const
    {
        volume::Marker identity;
        identity.product = "p";
        identity.version = "1";
        identity.time = time;
        volume::make_manifest(root, identity, {}, all_code);
    }

    void seed(const std::string& from) { volume::seed({from, target}, say); }

    // A volume that the old image filled and the site edited.
    void fresh_site()
    {
        fs::remove_all(target);
        fs::create_directory(target);
        seed(old_image);
        write_tree(target, site);
    }

    Random random;
    TempDir dir;
    std::string old_image = dir.path("old");
    std::string new_image = dir.path("new");
    std::string target = dir.path("volume");
    static dcm::PathClass all_code(const std::string& /*path*/) { return dcm::PathClass::image; }
    Paths base;
    Paths image;
    Paths site;
    std::string said;
    dcm::Notify say = [this](const dcm::Notice& notice) { said += notice.message + "\n"; };
};
