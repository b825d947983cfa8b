// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/volume/escape.hpp>
#include <dcm/volume/journal.hpp>

#include <array>
#include <limits>

namespace dcm::volume {

namespace {

constexpr std::string_view k_heading = "dcm-journal 1";
constexpr std::string_view k_end = "end";
constexpr std::array k_acts{Act::add, Act::replace, Act::remove, Act::set_mode, Act::offer, Act::withdraw};
constexpr std::array k_changes{Change::fill, Change::upgrade, Change::rollback};
constexpr std::array k_types{Type::directory, Type::file, Type::link};

std::string_view name(Change change)
{
    constexpr std::array<std::string_view, 3> names{"fill", "upgrade", "rollback"};
    return names.at(static_cast<std::size_t>(change));
}

template <typename Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<Enum, N>& all, std::string_view wanted)
{
    for (const auto candidate : all) {
        if (name(candidate) == wanted) {
            return candidate;
        }
    }
    return std::nullopt;
}

std::optional<Move> parse_move(std::string_view line)
{
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    const auto fields = split(line, '\t');
    if (fields.size() != 7) {
        return std::nullopt;
    }
    const auto act = find_name(k_acts, fields[0]);
    const auto type = find_name(k_types, fields[1]);
    const auto staged = parse_unsigned(fields[2], 0, std::numeric_limits<unsigned>::max());
    const auto mode = parse_unsigned(fields[3], 0, 07777);
    const auto size = parse_unsigned(fields[4], 0, most);
    const bool before_epoch = starts_with(fields[5], "-");
    const auto mtime = parse_unsigned(fields[5].substr(before_epoch ? 1 : 0), 0, most);
    const auto path = unescape(fields[6]);
    if (!act || !type || !staged || !mode || !size || !mtime || !path || !is_inside(*path)) {
        return std::nullopt;
    }
    const auto when = static_cast<std::int64_t>(*mtime);
    return Move{
        *act, static_cast<unsigned>(*staged), static_cast<unsigned>(*mode), *type, *size, before_epoch ? -when : when,
        *path};
}

}  // namespace

std::string format_journal(const Journal& journal)
{
    std::string text(k_heading);
    text.append("\nproduct ").append(journal.product);
    text.append("\nchange ").append(name(journal.change)).append("\n");
    for (const auto& move : journal.moves) {
        text.append(name(move.act)).append("\t").append(name(move.type)).append("\t");
        text.append(std::to_string(move.staged)).append("\t").append(std::to_string(move.mode)).append("\t");
        text.append(std::to_string(move.size)).append("\t").append(std::to_string(move.mtime)).append("\t");
        text.append(escape(move.path)).append("\n");
    }
    return text.append(k_end).append("\n");
}

Journal parse_journal(std::string_view text, const std::string& origin)
{
    const auto refuse = [&] {
        return Error(ExitCode::data_error,
                     quoted(origin) + " is damaged or of a newer image; start the image that wrote it, or restore the "
                                      "directory '.dcm' of the volume from a backup");
    };
    const auto lines = split(text, '\n');
    const bool whole = lines.size() >= 5 && lines[0] == k_heading && starts_with(lines[1], "product ") &&
                       starts_with(lines[2], "change ") && lines[lines.size() - 2] == k_end && lines.back().empty();
    const auto change = whole ? find_name(k_changes, lines[2].substr(7)) : std::nullopt;
    if (!change) {
        throw refuse();
    }
    Journal journal{std::string(lines[1].substr(8)), *change, {}};
    for (std::size_t i = 3; i + 2 < lines.size(); ++i) {
        auto move = parse_move(lines[i]);
        if (!move) {
            throw refuse();
        }
        journal.moves.push_back(std::move(*move));
    }
    return journal;
}

}  // namespace dcm::volume
