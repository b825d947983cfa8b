// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace dcm::archive {

// The members of a JSON value, whatever it really is: what is missing or of another kind is nothing. It does not own
// the value.
class JsonView {
public:
    explicit JsonView(const nlohmann::ordered_json& value) : m_value(value) {}

    // "/server/pid"
    const nlohmann::ordered_json& at(const char* path) const
    {
        static const nlohmann::ordered_json none;
        const nlohmann::ordered_json::json_pointer pointer(path);
        return m_value.contains(pointer) ? m_value[pointer] : none;
    }
    std::string text(const char* path) const
    {
        const auto& value = at(path);
        return value.is_string() ? value.get<std::string>() : std::string();
    }
    bool flag(const char* path) const
    {
        const auto& value = at(path);
        return value.is_boolean() && value.get<bool>();
    }
    std::optional<std::int64_t> number(const char* path) const
    {
        const auto& value = at(path);
        return value.is_number_integer() ? std::optional(value.get<std::int64_t>()) : std::nullopt;
    }

private:
    const nlohmann::ordered_json& m_value;
};

}  // namespace dcm::archive
