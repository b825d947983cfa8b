// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/names.hpp>
#include <dcm/core/text.hpp>
#include <dcm/volume/escape.hpp>
#include <dcm/volume/manifest.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace dcm::volume {

namespace {

constexpr std::string_view k_heading = "dcm-manifest 1";
constexpr auto k_types = names_up_to<Type::link>("directory", "file", "link");

bool is_sha256(std::string_view text)
{
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<unsigned> parse_mode(std::string_view text)
{
    unsigned mode = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
    const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size() && !text.empty();
    return whole && mode <= 07777 ? std::optional(mode) : std::nullopt;
}

std::optional<Entry> parse_line(std::string_view line)
{
    const auto fields = split(line, '\t');
    if (fields.size() != 7) {
        return std::nullopt;
    }
    const auto type = type_of(fields[0]);
    const auto path_class = parse_path_class(fields[1]);
    const auto mode = parse_mode(fields[2]);
    const auto size = parse_unsigned(fields[3], 0, std::uint64_t{1} << 62U);
    const auto target = unescape(fields[5]);
    const auto path = unescape(fields[6]);
    if (!type || !path_class || !mode || !size || !target || !path || !is_inside(*path)) {
        return std::nullopt;
    }
    if (*type == Type::file ? !is_sha256(fields[4]) : !fields[4].empty() || *size != 0) {
        return std::nullopt;
    }
    if ((*type == Type::link) == target->empty()) {
        return std::nullopt;
    }
    return Entry{*type, *path_class, *mode, *size, std::string(fields[4]), *target, *path};
}

}  // namespace

std::string_view name(Type type) { return name_in(k_types, type); }
std::optional<Type> type_of(std::string_view name) { return find_in<Type>(k_types, name); }

bool same_content(const Entry& a, const Entry& b)
{
    return a.type == b.type && a.size == b.size && a.sha256 == b.sha256 && a.target == b.target;
}

const Entry* find(const Manifest& manifest, std::string_view path)
{
    const auto found =
        std::lower_bound(manifest.begin(), manifest.end(), path,
                         [](const Entry& entry, std::string_view wanted) { return entry.path < wanted; });
    return found != manifest.end() && found->path == path ? &*found : nullptr;
}

std::string format_manifest(const Manifest& manifest)
{
    std::string text = std::string(k_heading) + "\n";
    for (const auto& entry : manifest) {
        std::array<char, 8> mode{};
        static_cast<void>(std::snprintf(mode.data(), mode.size(), "%04o", entry.mode));
        text.append(name(entry.type)).append("\t");
        text.append(name(entry.path_class)).append("\t");
        text.append(mode.data()).append("\t").append(std::to_string(entry.size)).append("\t");
        text.append(entry.sha256).append("\t").append(escape(entry.target)).append("\t");
        text.append(escape(entry.path)).append("\n");
    }
    return text;
}

Manifest parse_manifest(std::string_view text, const std::string& origin)
{
    const auto refuse = [&](std::size_t line, const std::string& why) {
        return Error(ExitCode::data_error, quoted(origin) + ", line " + std::to_string(line) + ": " + why +
                                               "; the manifest is damaged, take the file from the image again");
    };
    auto lines = split(text, '\n');
    if (lines.empty() || lines.front() != k_heading || !lines.back().empty()) {
        throw refuse(1, "not a complete manifest");
    }
    lines.pop_back();
    Manifest manifest;
    manifest.reserve(lines.size());
    for (std::size_t i = 1; i < lines.size(); ++i) {
        auto entry = parse_line(lines[i]);
        if (!entry) {
            throw refuse(i + 1, "not an entry");
        }
        if (!manifest.empty() && manifest.back().path >= entry->path) {
            throw refuse(i + 1, "out of order");
        }
        manifest.push_back(std::move(*entry));
    }
    return manifest;
}

}  // namespace dcm::volume
