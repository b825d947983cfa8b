// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dcm {

enum class Level { error, warning, info, debug };

// One thing worth saying while work goes on: a line of text, and the same as fields for machines.
struct Notice {
    using Value = std::variant<std::string, long long, double, bool>;

    Level level = Level::info;
    std::string message;                                // one line, lower case, no full stop, no secret
    std::vector<std::pair<std::string, Value>> fields;  // extra keys of the JSON line
    bool passing = false;                               // of this moment only, or on record elsewhere
};

// The library never logs: whoever calls it says where notices go (the tools: `log::write`; tests: a vector).
using Notify = std::function<void(const Notice&)>;

}  // namespace dcm
