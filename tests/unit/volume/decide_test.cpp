// SPDX-License-Identifier: Apache-2.0
// What is decided, in tables that hold every combination of what the two images have, what stands there, and what for.
#include <dcm/volume/decide.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <sstream>

namespace {

using namespace dcm::volume;

// 'a', 'b': a file of that content; 'm': 'a' with another mode; 'd': a directory; '-': nothing.
std::optional<Entry> entry_of(char what, const std::string& path)
{
    if (what == '-') {
        return std::nullopt;
    }
    Entry entry;
    entry.path = path;
    entry.path_class = dcm::PathClass::image;
    entry.type = what == 'd' ? Type::directory : Type::file;
    entry.mode = what == 'm' ? 0755 : 0644;
    entry.size = what == 'd' ? 0 : 1;
    entry.sha256 = what == 'd' ? "" : std::string(64, what == 'b' ? 'b' : 'a');
    return entry;
}

// As above; 'x': a file of the site's; 'f': a FIFO.
Found found_of(char what)
{
    Found found;
    found.mode = 0644;
    found.size = 1;
    found.kind = what == '-'   ? Found::Kind::nothing
                 : what == 'd' ? Found::Kind::directory
                 : what == 'f' ? Found::Kind::other
                               : Found::Kind::file;
    return found;
}

bool is_same(char entry, char found) { return entry != '-' && (entry == found || (entry == 'm' && found == 'a')); }

Sight sight_of(const std::optional<Entry>& before, const std::optional<Entry>& after, std::string_view what)
{
    return {before ? &*before : nullptr, after ? &*after : nullptr, found_of(what[2]), is_same(what[0], what[2]),
            is_same(what[1], what[2])};
}

std::string decided(Course course, std::string_view what)
{
    const auto before = entry_of(what[0], "p");
    const auto after = entry_of(what[1], "p");
    Observation seen;
    seen.sights.push_back(sight_of(before, after, what));
    std::string names;
    for (const auto& step : decide(course, seen)) {
        names += (names.empty() ? "" : "+") + std::string(name(step.choice));
    }
    return names.empty() ? "." : names;
}

// BEFORE AFTER FOUND: what a fill, a repair, an upgrade, an adoption, a merge of an adopted volume, a rollback do.
constexpr const char* k_table = R"(
-a- add add add . add add
-aa . . . . . .
-ab . replace offer . offer keep-edited
-ax . replace offer . offer keep-edited
-ad . . offer . offer keep-edited
-af . replace offer . offer keep-edited
-b- add add add . add add
-ba . replace offer . offer keep-edited
-bb . . . . . .
-bx . replace offer . offer keep-edited
-bd . . offer . offer keep-edited
-bf . replace offer . offer keep-edited
-m- add add add . add add
-ma . . . . . .
-mb . replace offer . offer keep-edited
-mx . replace offer . offer keep-edited
-md . . offer . offer keep-edited
-mf . replace offer . offer keep-edited
-d- add add add . add add
-da . . offer . offer keep-edited
-db . . offer . offer keep-edited
-dx . . offer . offer keep-edited
-dd mode mode . . . .
-df . . offer . offer keep-edited
a-- . . . . . .
a-a remove remove remove . remove remove
a-b keep-dropped keep-dropped keep-dropped . . keep-edited
a-x keep-dropped keep-dropped keep-dropped . . keep-edited
a-d keep-dropped keep-dropped keep-dropped . . keep-edited
a-f keep-dropped keep-dropped keep-dropped . . keep-edited
aa- . . . . add .
aaa . . . . . .
aab . . . . offer .
aax . . . . offer .
aad . . . . offer .
aaf . . . . offer .
ab- . . . . add .
aba replace replace replace . replace replace
abb . . . . . .
abx offer offer offer . offer keep-edited
abd offer offer offer . offer keep-edited
abf offer offer offer . offer keep-edited
am- . . . . add .
ama mode mode mode . mode mode
amb . . . . offer .
amx . . . . offer .
amd . . . . offer .
amf . . . . offer .
ad- . . . . add .
ada remove+add remove+add remove+add . remove+add remove+add
adb offer offer offer . offer keep-edited
adx offer offer offer . offer keep-edited
add . . . . . .
adf offer offer offer . offer keep-edited
d-- . . . . . .
d-a keep-dropped keep-dropped keep-dropped . . keep-edited
d-b keep-dropped keep-dropped keep-dropped . . keep-edited
d-x keep-dropped keep-dropped keep-dropped . . keep-edited
d-d remove remove remove . remove remove
d-f keep-dropped keep-dropped keep-dropped . . keep-edited
da- . . . . add .
daa . . . . . .
dab offer offer offer . offer keep-edited
dax offer offer offer . offer keep-edited
dad remove+add remove+add remove+add . remove+add remove+add
daf offer offer offer . offer keep-edited
db- . . . . add .
dba offer offer offer . offer keep-edited
dbb . . . . . .
dbx offer offer offer . offer keep-edited
dbd remove+add remove+add remove+add . remove+add remove+add
dbf offer offer offer . offer keep-edited
dm- . . . . add .
dma mode mode mode . . mode
dmb offer offer offer . offer keep-edited
dmx offer offer offer . offer keep-edited
dmd remove+add remove+add remove+add . remove+add remove+add
dmf offer offer offer . offer keep-edited
dd- . . . . add .
dda . . . . offer .
ddb . . . . offer .
ddx . . . . offer .
ddd . . . . . .
ddf . . . . offer .
)";

TEST(Decide, EveryCombination)
{
    std::istringstream table(k_table);
    std::map<std::string, std::string> rows;
    std::string what;
    std::string line;
    while (table >> what && std::getline(table, line)) {
        rows[what] = line;
    }
    std::string all;
    for (const char before : {'-', 'a', 'd'}) {
        for (const char after : {'-', 'a', 'b', 'm', 'd'}) {
            for (const char found : {'-', 'a', 'b', 'x', 'd', 'f'}) {
                if (before == '-' && after == '-') {
                    continue;
                }
                std::string row;
                for (const auto course :
                     {Course::fill, Course::repair, Course::upgrade, Course::adopt, Course::merge, Course::rollback}) {
                    row += " " + decided(course, std::string{before, after, found});
                }
                const std::string key{before, after, found};
                EXPECT_EQ(rows[key], row) << key;
                all += key + row + "\n";
            }
        }
    }
    if (HasFailure()) {
        std::cout << all;
    }
}

// What is below a directory that the site deleted, or put something else in the place of, is not looked at again.
TEST(Decide, NothingBelowWhatIsNotTheImages)
{
    for (const auto* const parent : {"aa-", "ddx", "dd-", "-dx", "-df"}) {
        const auto before = entry_of(parent[0] == '-' ? '-' : 'd', "p");
        const auto after = entry_of('d', "p");
        const auto child = entry_of('b', "p/q");
        Observation seen;
        seen.sights.push_back(sight_of(before, after, std::string{parent[0] == '-' ? '-' : 'd', 'd', parent[2]}));
        seen.sights.push_back(sight_of(std::nullopt, child, "-b-"));
        for (const auto& step : decide(Course::upgrade, seen)) {
            EXPECT_NE(step.entry.path, "p/q") << parent;
        }
    }
}

TEST(Decide, WithdrawsWhatIsNoAlternative)
{
    const auto after = entry_of('b', "own");
    Observation seen;
    seen.sights.push_back(sight_of(std::nullopt, after, "-bx"));
    seen.offers = {{"own", false}, {"stale", false}, {"still", true}};
    std::string all;
    for (const auto& step : decide(Course::upgrade, seen)) {
        all += std::string(name(step.choice)) + " " + step.entry.path + ", ";
    }
    EXPECT_EQ(all, "offer own, withdraw stale, ");
}

TEST(Decide, AdoptionReplacesTheOneFileThatCannotWork)
{
    auto before = entry_of('a', std::string(k_needed_by_java));
    auto after = entry_of('b', std::string(k_needed_by_java));
    Observation seen;
    seen.sights.push_back(sight_of(before, after, "aba"));
    ASSERT_EQ(decide(Course::adopt, seen).size(), 1U);
    EXPECT_EQ(decide(Course::adopt, seen)[0].choice, Choice::replace);
    EXPECT_EQ(recognised(seen)[0].sha256, after->sha256);
    seen.sights[0] = sight_of(before, after, "abx");
    EXPECT_TRUE(decide(Course::adopt, seen).empty());
    EXPECT_TRUE(recognised(seen).empty());
}

TEST(Decide, AnAdoptedVolumeFollowsWhatItHas)
{
    const auto original = entry_of('a', "p");
    const auto image = entry_of('b', "p");
    const std::map<std::string, std::string> rows{{"ab-", "b"}, {"aba", "a"}, {"abb", "b"}, {"abx", ""},  {"-b-", "b"},
                                                  {"-bb", "b"}, {"-bx", ""},  {"a--", ""},  {"a-a", "a"}, {"a-x", ""}};
    for (const auto& [what, follows] : rows) {
        Observation seen;
        const auto before = what[0] == '-' ? std::nullopt : original;
        const auto after = what[1] == '-' ? std::nullopt : image;
        seen.sights.push_back(sight_of(before, after, what));
        const auto known = recognised(seen);
        EXPECT_EQ(known.empty() ? "" : known[0].sha256.substr(0, 1), follows) << what;
    }
}

Course judged(const std::string& marker, bool has_pending, const std::string& item, bool is_server,
              std::optional<OnUpgrade> asked)
{
    Marker image;
    image.product = "p";
    image.version = "2";
    image.time = 20;
    image.manifest_sha256 = "new";
    State state;
    state.has_pending = has_pending;
    state.foreign_item = item;
    state.looks_like_server = is_server;
    if (!marker.empty()) {
        state.marker = image;
        state.marker->product = marker == "product" ? "other" : "p";
        state.marker->origin = marker == "copied" ? Origin::copied : Origin::filled;
        state.marker->manifest_sha256 = marker == "same" || marker == "copied" || marker == "tag" ? "new" : "other";
        state.marker->time = marker == "newer" ? 30 : marker == "undated" ? 0 : marker == "twin" ? 20 : 10;
        state.marker->version = marker == "tag" || marker == "undated" ? "9" : marker == "twin" ? "1" : "2";
        state.marker->held = marker == "held" ? "new" : "";
    }
    return judge(state, image, asked);
}

TEST(Judge, EveryKindOfVolume)
{
    constexpr auto merge = OnUpgrade::merge;
    constexpr auto keep = OnUpgrade::keep;
    struct Row {
        std::string marker;
        Course unasked;
        Course merging;
        Course keeping;
    };
    for (const auto& row : std::vector<Row>{
             {"same", Course::settled, Course::settled, Course::settled},
             {"tag", Course::settled, Course::settled, Course::settled},  // the same content is the same image
             {"copied", Course::repair, Course::repair, Course::repair},
             {"older", Course::upgrade, Course::upgrade, Course::keep},
             {"undated", Course::upgrade, Course::upgrade, Course::keep},  // of a version without a time
             {"twin", Course::upgrade, Course::upgrade, Course::keep},     // of one second: the tag decides
             {"newer", Course::keep, Course::keep, Course::keep},
             {"held", Course::keep, Course::upgrade, Course::keep},
             {"product", Course::other_product, Course::other_product, Course::other_product}}) {
        EXPECT_EQ(judged(row.marker, false, "", false, std::nullopt), row.unasked) << row.marker;
        EXPECT_EQ(judged(row.marker, true, "x", true, merge), row.merging) << row.marker;
        EXPECT_EQ(judged(row.marker, false, "x", false, keep), row.keeping) << row.marker;
    }
    for (const auto asked : {std::optional<OnUpgrade>(), std::optional(merge), std::optional(keep)}) {
        EXPECT_EQ(judged("", false, "", false, asked), Course::fill);
        EXPECT_EQ(judged("", true, "x", false, asked), Course::fill);
        EXPECT_EQ(judged("", false, "x", true, asked), asked == merge ? Course::merge : Course::adopt);
        EXPECT_EQ(judged("", false, "x", false, asked), Course::unknown);
    }
}

}  // namespace
