// SPDX-License-Identifier: Apache-2.0
#include <dcm/volume/manifest.hpp>

#include <fnmatch.h>

#include <algorithm>
#include <array>

namespace dcm::volume {

namespace {

struct Rule {
    const char* pattern;  // '*' crosses '/'
    Class path_class;
};

// What the paths of server/default are: the first match decides, and what no rule names is configuration.
//   image    code, comes with the image          config   what a site edits
//   state    what the running server keeps: filled once, never entered again
//   scratch  may vanish at any time              log      written by the server
constexpr std::array<Rule, 20> k_rules{{
    {"data", Class::state},
    {"data/*", Class::state},
    {"archive", Class::state},
    {"archive/*", Class::state},
    {"wadocache*", Class::state},
    {"tar-extracted*", Class::state},
    {"tmp/*", Class::scratch},
    {"work/*", Class::scratch},
    {"log/*", Class::log},
    {"deploy/*-ds.xml", Class::config},
    {"deploy/*-service.xml", Class::config},
    {"lib/*", Class::image},
    {"deploy/*.jar*", Class::image},
    {"deploy/*.ear*", Class::image},
    {"deploy/*.war*", Class::image},
    {"deploy/*.sar*", Class::image},
    {"deploy/*.rar*", Class::image},
    {"deploy/*.deployer*", Class::image},
    {"conf/xmdesc/*", Class::image},
    {"conf/standardjboss*.xml", Class::image},
}};

}  // namespace

Class class_of(const std::string& path)
{
    const auto* const rule = std::find_if(k_rules.begin(), k_rules.end(), [&](const Rule& candidate) {
        return fnmatch(candidate.pattern, path.c_str(), 0) == 0;
    });
    return rule == k_rules.end() ? Class::config : rule->path_class;
}

}  // namespace dcm::volume
