// SPDX-License-Identifier: Apache-2.0
#include <dcm/volume/manifest.hpp>

#include <fnmatch.h>

#include <array>
#include <utility>

namespace dcm::volume {

namespace {

// What in server/default is code, configuration, state: the first pattern that matches decides ('*' crosses '/').
constexpr std::array<std::pair<const char*, Class>, 20> k_rules{{
    {"data/*", Class::state},
    {"data", Class::state},
    {"archive/*", Class::state},
    {"archive", Class::state},
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

Class classify(std::string_view path)
{
    const std::string name(path);
    for (const auto& [pattern, path_class] : k_rules) {
        if (fnmatch(pattern, name.c_str(), 0) == 0) {
            return path_class;
        }
    }
    return Class::config;
}

}  // namespace dcm::volume
