// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace dcm {

// The names of an enum's values, in its order.
template <std::size_t N>
using Names = std::array<std::string_view, N>;

// Those of an enum whose last value is `last`: one too few or too many does not compile.
template <auto last, typename... Texts>
constexpr auto names_up_to(const Texts&... texts)
{
    static_assert(sizeof...(texts) == static_cast<std::size_t>(last) + 1);
    return Names<sizeof...(texts)>{texts...};
}

template <typename Enum, std::size_t N>
constexpr std::string_view name_in(const Names<N>& names, Enum value)
{
    return names.at(static_cast<std::size_t>(value));
}

// The value of that name; nullopt when there is none.
template <typename Enum, std::size_t N>
std::optional<Enum> find_in(const Names<N>& names, std::string_view name)
{
    const auto* const found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

}  // namespace dcm
