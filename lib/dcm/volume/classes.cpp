// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/volume/manifest.hpp>

#include <fnmatch.h>

#include <algorithm>
#include <array>

namespace dcm::volume {

Classes::Classes(std::string_view rules, const std::string& origin)
{
    constexpr std::array all{Class::image, Class::config, Class::state, Class::scratch, Class::log};
    std::size_t number = 0;
    for (const auto raw : split(rules, '\n')) {
        ++number;
        const auto line = trim(raw);
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const auto blank = line.find_first_of(" \t");
        const auto* const found = std::find_if(
            all.begin(), all.end(), [&](Class candidate) { return name(candidate) == line.substr(0, blank); });
        if (blank == std::string_view::npos || found == all.end()) {
            throw Error(ExitCode::data_error, quoted(origin) + ", line " + std::to_string(number) + ": " +
                                                  quoted(line) +
                                                  " is not CLASS PATTERN (image, config, state, scratch or log)");
        }
        m_rules.emplace_back(trim(line.substr(blank)), *found);
    }
}

Class Classes::of(const std::string& path) const
{
    const auto rule = std::find_if(m_rules.begin(), m_rules.end(), [&](const auto& candidate) {
        return fnmatch(candidate.first.c_str(), path.c_str(), 0) == 0;
    });
    return rule == m_rules.end() ? Class::config : rule->second;
}

}  // namespace dcm::volume
