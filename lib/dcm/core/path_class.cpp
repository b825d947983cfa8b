// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/names.hpp>
#include <dcm/core/path_class.hpp>

#include <fnmatch.h>

#include <algorithm>
#include <array>

namespace dcm {

namespace {

constexpr auto k_names = names_up_to<PathClass::log>("image", "config", "state", "scratch", "log");

struct Rule {
    const char* pattern;  // '*' crosses '/'
    PathClass path_class;
};

// What the paths of server/default are: the first match decides, and what no rule names is configuration.
//   image    code, comes with the image          config   what a site edits
//   state    what the running server keeps: filled once, never entered again
//   scratch  may vanish at any time              log      written by the server
constexpr std::array k_rules{
    Rule{"data", PathClass::state},
    Rule{"data/*", PathClass::state},
    Rule{"archive", PathClass::state},
    Rule{"archive/*", PathClass::state},
    Rule{"wadocache*", PathClass::state},
    Rule{"tar-extracted*", PathClass::state},
    Rule{"tmp/*", PathClass::scratch},
    Rule{"work/*", PathClass::scratch},
    Rule{"log/*", PathClass::log},
    Rule{"deploy/*-ds.xml", PathClass::config},
    Rule{"deploy/*-service.xml", PathClass::config},
    Rule{"lib/*", PathClass::image},
    Rule{"deploy/*.jar*", PathClass::image},
    Rule{"deploy/*.ear*", PathClass::image},
    Rule{"deploy/*.war*", PathClass::image},
    Rule{"deploy/*.sar*", PathClass::image},
    Rule{"deploy/*.rar*", PathClass::image},
    Rule{"deploy/*.deployer*", PathClass::image},
    Rule{"conf/xmdesc/*", PathClass::image},
    Rule{"conf/standardjboss*.xml", PathClass::image},
};

}  // namespace

PathClass class_of(const std::string& path)
{
    const auto* const rule = std::find_if(k_rules.begin(), k_rules.end(), [&](const Rule& candidate) {
        return fnmatch(candidate.pattern, path.c_str(), 0) == 0;
    });
    return rule == k_rules.end() ? PathClass::config : rule->path_class;
}

bool is_filled_by_server(const std::string& path) { return !follows_image(class_of(path + "/x")); }

std::string_view name(PathClass path_class) { return name_in(k_names, path_class); }

std::optional<PathClass> parse_path_class(std::string_view name) { return find_in<PathClass>(k_names, name); }

}  // namespace dcm
