// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/names.hpp>
#include <dcm/core/text.hpp>
#include <dcm/volume/escape.hpp>
#include <dcm/volume/journal.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace dcm::volume {

namespace {

constexpr std::string_view k_heading = "dcm-journal 2";
constexpr std::string_view k_first_heading = "dcm-journal 1";
constexpr std::string_view k_end = "end";
constexpr std::string_view k_offered = ".dcm/new/";
constexpr auto k_acts = names_up_to<Act::set_aside>("put", "drop", "mode", "aside");
constexpr auto k_overs = names_up_to<Over::drop>("-", "aside", "drop");
constexpr auto k_changes = names_up_to<Change::single>("fill", "upgrade", "rollback", "adopt", "single");
constexpr Names<3> k_asides{"previous", "replaced", "hardened"};

// The acts of version 1 of this toolkit. It kept what it replaced before it began. What hardening took out is set
// aside, by the move that puts its stand-in there; what it was to bring back stays where it is kept.
struct FirstAct {
    std::string_view name;
    Act act;
    Over over;
    bool is_offer;
};
constexpr std::array<FirstAct, 8> k_first_acts{{{"add", Act::put, Over::nothing, false},
                                                {"replace", Act::put, Over::drop, false},
                                                {"stand-in", Act::put, Over::set_aside, false},
                                                {"offer", Act::put, Over::nothing, true},
                                                {"withdraw", Act::drop, Over::nothing, true},
                                                {"remove", Act::drop, Over::nothing, false},
                                                {"mode", Act::set_mode, Over::nothing, false},
                                                {"take-out", Act::set_aside, Over::nothing, false}}};
constexpr std::array<std::string_view, 2> k_first_acts_left_out{"bring-back", "set-aside"};

std::optional<std::int64_t> parse_mtime(std::string_view text)
{
    const bool before_epoch = starts_with(text, "-");
    const auto size = parse_unsigned(text.substr(before_epoch ? 1 : 0), 0, std::numeric_limits<std::int64_t>::max());
    const auto value = static_cast<std::int64_t>(size.value_or(0));
    return size ? std::optional(before_epoch ? -value : value) : std::nullopt;
}

// What both versions have in the same way: TYPE, STAGED, MODE, SIZE, MTIME, PATH.
std::optional<Move> parse_common(const std::vector<std::string_view>& fields, std::size_t first)
{
    Move move;
    const auto type = type_of(fields[first]);
    const auto staged = parse_unsigned(fields[first + 1], 0, std::numeric_limits<unsigned>::max());
    const auto mode = parse_unsigned(fields[first + 2], 0, 07777);
    const auto size = parse_unsigned(fields[first + 3], 0, std::numeric_limits<std::int64_t>::max());
    const auto mtime = parse_mtime(fields[first + 4]);
    const auto path = unescape(fields[first + 5]);
    if (!type || (!staged && fields[first + 1] != "-") || !mode || !size || !mtime || !path) {
        return std::nullopt;
    }
    if (staged) {
        move.staged = static_cast<unsigned>(*staged);
    }
    move.type = *type;
    move.mode = static_cast<unsigned>(*mode);
    move.size = *size;
    move.mtime = *mtime;
    move.path = *path;
    return move;
}

std::optional<Move> parse_move(std::string_view line)
{
    const auto fields = split(line, '\t');
    auto move = fields.size() == 8 ? parse_common(fields, 2) : std::nullopt;
    const auto act = find_in<Act>(k_acts, fields[0]);
    const auto over = move ? find_in<Over>(k_overs, fields[1]) : std::nullopt;
    if (!act || !over || (*act == Act::put) != move->staged.has_value() ||
        (*act != Act::put && *over != Over::nothing)) {
        return std::nullopt;
    }
    const bool is_offer = (*act == Act::put || *act == Act::drop) && starts_with(move->path, k_offered);
    if (!is_inside(is_offer ? move->path.substr(k_offered.size()) : move->path)) {
        return std::nullopt;
    }
    move->act = *act;
    move->over = *over;
    return move;
}

// False for a line that version 1 did not write.
bool add_first_version(std::string_view line, std::vector<Move>& moves)
{
    const auto fields = split(line, '\t');
    auto move = fields.size() == 7 ? parse_common(fields, 1) : std::nullopt;
    if (!move || !move->staged || !is_inside(move->path)) {
        return false;
    }
    const auto* const row = std::find_if(k_first_acts.begin(), k_first_acts.end(),
                                         [&](const FirstAct& candidate) { return candidate.name == fields[0]; });
    if (row == k_first_acts.end()) {
        return find_in<std::size_t>(k_first_acts_left_out, fields[0]).has_value();
    }
    move->act = row->act;
    move->over = row->over;
    if (row->is_offer) {
        move->path.insert(0, k_offered);
    }
    if (row->act != Act::put) {
        move->staged.reset();
    }
    moves.push_back(*move);
    return true;
}

}  // namespace

std::string format_journal(const Journal& journal)
{
    std::string text(k_heading);
    text.append("\nproduct ").append(journal.product);
    text.append("\nchange ").append(name_in(k_changes, journal.change));
    text.append("\naside ").append(journal.aside).append("\n");
    for (const auto& move : journal.moves) {
        text.append(name_in(k_acts, move.act)).append("\t").append(name_in(k_overs, move.over)).append("\t");
        text.append(name(move.type)).append("\t");
        text.append(move.staged ? std::to_string(*move.staged) : "-").append("\t");
        text.append(std::to_string(move.mode)).append("\t").append(std::to_string(move.size)).append("\t");
        text.append(std::to_string(move.mtime)).append("\t").append(escape(move.path)).append("\n");
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
    const bool is_first = lines[0] == k_first_heading;
    const std::size_t header = is_first ? 3 : 4;
    const bool whole = lines.size() >= header + 2 && (is_first || lines[0] == k_heading) &&
                       starts_with(lines[1], "product ") && starts_with(lines[2], "change ") &&
                       (is_first || starts_with(lines[3], "aside ")) && lines[lines.size() - 2] == k_end &&
                       lines.back().empty();
    if (!whole) {
        throw refuse();
    }
    const std::string_view change_name = lines[2].substr(7);
    const bool is_single = is_first && (change_name == "restore" || change_name == "harden");
    const auto change = is_single ? std::optional(Change::single) : find_in<Change>(k_changes, change_name);
    Journal journal{std::string(lines[1].substr(8)),
                    change.value_or(Change::fill),
                    std::string(is_first ? k_asides.back() : lines[3].substr(6)),
                    {}};
    if (!change || !find_in<std::size_t>(k_asides, journal.aside)) {
        throw refuse();
    }
    for (std::size_t i = header; i + 2 < lines.size(); ++i) {
        auto move = is_first ? std::nullopt : parse_move(lines[i]);
        if (move) {
            journal.moves.push_back(std::move(*move));
        } else if (!is_first || !add_first_version(lines[i], journal.moves)) {
            throw refuse();
        }
    }
    return journal;
}

}  // namespace dcm::volume
