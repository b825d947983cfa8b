// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/db/archive_files.hpp>
#include <dcm/db/archive_look.hpp>
#include <dcm/sys/answer.hpp>
#include <dcm/sys/file.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

namespace dcm::db {

namespace {

constexpr std::size_t k_sample = 20;
constexpr int k_no_such_table = 1146;
constexpr const char* k_anyway = "; DCM_ARCHIVE_CHECK=warn starts without";

struct Stored {
    std::uint64_t pk = 0;
    std::size_t place = 0;
    std::string path;
};

// What the database knows of one sample, and how much of it surely is not there.
struct Sample {
    std::vector<Stored> rows;
    std::size_t missing = 0;

    bool is_lost() const { return !rows.empty() && missing == rows.size(); }
};

std::uint64_t number(const std::string& text) { return parse_unsigned(text, 0, UINT64_MAX).value_or(0); }

// The rows of one file system. Without the index by name a server may walk the primary key, past every file of others.
std::string rows_of(const std::string& filesystem, const std::string& columns)
{
    return "SELECT " + columns + " FROM files FORCE INDEX (filesystem_fk) WHERE filesystem_fk = " + filesystem;
}

class Check {
public:
    Check(Session& session, std::string archive) : m_session(session), m_archive(std::move(archive)) {}

    // Why the database cannot tell; nullopt: it has.
    std::optional<Failure> ask();
    ArchiveFiles judge(const std::vector<Seen>& seen);

    const std::vector<Place>& places() const { return m_places; }

private:
    std::optional<Failure> ask_system(const std::string& pk, std::size_t place, std::size_t of_older);
    void take(Sample& sample, const std::vector<Row>& rows, std::size_t place);
    std::optional<Failure> check_disk(const std::vector<Seen>& seen);
    void count_missing(Sample& sample, const std::vector<Seen>& seen) const;
    std::string roots_of(const Sample& sample) const;
    Failure missing_archive(const std::vector<Seen>& seen) const;

    Session& m_session;
    std::string m_archive;
    std::vector<Place> m_places;
    Sample m_newest;
    Sample m_older;
    bool m_knows_files = false;
    std::vector<std::string> m_warnings;
};

std::optional<Failure> Check::ask()
{
    const Result systems = m_session.run("SELECT pk, dirpath FROM filesystem WHERE availability = 0");
    if (systems.failure && systems.failure->number != k_no_such_table) {
        return systems.failure;
    }
    const std::string server = sys::parent_directory(m_archive);
    for (const auto& system : systems.rows) {
        const std::string& dirpath = system.at(1);
        if (starts_with(dirpath, "tar:")) {
            continue;
        }
        m_places.push_back({starts_with(dirpath, "/") ? dirpath : server + "/" + dirpath, {}});
        const std::size_t of_older = (k_sample + systems.rows.size() - 1) / systems.rows.size();
        if (auto failure = ask_system(std::to_string(number(system.at(0))), m_places.size() - 1, of_older)) {
            return failure;
        }
    }
    auto& newest = m_newest.rows;
    std::sort(newest.begin(), newest.end(), [](const Stored& a, const Stored& b) { return a.pk > b.pk; });
    newest.resize(std::min(newest.size(), k_sample));
    const auto is_archive = [&](const Place& place) { return place.root == m_archive; };
    if (std::none_of(m_places.begin(), m_places.end(), is_archive)) {
        m_places.push_back({m_archive, {}});
    }
    for (const Sample* sample : {&m_newest, &m_older}) {
        for (const auto& row : sample->rows) {
            m_places[row.place].paths.push_back(row.path);
        }
    }
    const Result any = m_knows_files ? Result{} : m_session.run("SELECT 1 FROM files LIMIT 1");
    m_knows_files = m_knows_files || !any.rows.empty();
    return any.failure && any.failure->number != k_no_such_table ? any.failure : std::nullopt;
}

std::optional<Failure> Check::ask_system(const std::string& pk, std::size_t place, std::size_t of_older)
{
    Result newest = m_session.run("(" + rows_of(pk, "pk, filepath") + " ORDER BY pk DESC LIMIT 20) UNION (" +
                                  rows_of(pk, "pk, filepath") + " ORDER BY pk LIMIT 1)");
    if (newest.failure || newest.rows.empty()) {
        return newest.failure;
    }
    m_knows_files = true;
    const auto older_than = [](const Row& a, const Row& b) { return number(a.at(0)) > number(b.at(0)); };
    std::sort(newest.rows.begin(), newest.rows.end(), older_than);
    const std::uint64_t last = number(newest.rows.front().at(0));
    const std::uint64_t first = number(newest.rows.back().at(0));
    newest.rows.resize(std::min(newest.rows.size(), k_sample));  // the oldest was asked for its key
    take(m_newest, newest.rows, place);
    std::string statement;
    for (std::size_t i = 0; i < of_older; ++i) {
        const std::uint64_t from = first + (last - first) / of_older * i;
        statement += (i == 0 ? "(" : " UNION (") + rows_of(pk, "pk, filepath, created_time >= NOW() - INTERVAL 1 DAY") +
                     " AND pk >= " + std::to_string(from) + " ORDER BY pk LIMIT 1)";
    }
    Result older = m_session.run(statement);
    const auto is_recent = [](const Row& row) { return row.at(2) == "1"; };
    older.rows.erase(std::remove_if(older.rows.begin(), older.rows.end(), is_recent), older.rows.end());
    take(m_older, older.rows, place);
    return older.failure;
}

void Check::take(Sample& sample, const std::vector<Row>& rows, std::size_t place)
{
    for (const auto& row : rows) {
        if (is_plain_path(row.at(1))) {
            sample.rows.push_back({number(row.at(0)), place, row.at(1)});
        } else if (m_warnings.empty()) {
            m_warnings.push_back("the table files has paths that no archive writes, such as " + quoted(row.at(1)) +
                                 "; they are not looked for: find out who wrote them");
        }
    }
}

void Check::count_missing(Sample& sample, const std::vector<Seen>& seen) const
{
    for (const auto& row : sample.rows) {
        const auto& paths = m_places[row.place].paths;
        const auto at = static_cast<std::size_t>(std::find(paths.begin(), paths.end(), row.path) - paths.begin());
        const auto& missing = seen.at(row.place).missing;
        sample.missing += at < missing.size() && missing[at] ? 1 : 0;
    }
}

std::string Check::roots_of(const Sample& sample) const
{
    std::set<std::string> roots;
    for (const auto& row : sample.rows) {
        roots.insert(quoted(m_places[row.place].root));
    }
    std::string text;
    for (const auto& root : roots) {
        text += (text.empty() ? "" : ", ") + root;
    }
    return text;
}

// Whether the database knows what lies on the disk.
std::optional<Failure> Check::check_disk(const std::vector<Seen>& seen)
{
    std::vector<std::string> samples;
    std::string root;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (root.empty() && seen[i].has_files) {
            root = m_places[i].root;
        }
        samples.insert(samples.end(), seen[i].samples.begin(), seen[i].samples.end());
    }
    const std::string remedy = ": is this the right database? Restore it (/opt/dcm/maintenance/restore), or name the "
                               "right one as MYSQL_DATABASE and MYSQL_HOST";
    if (!m_knows_files) {
        return root.empty()
                   ? std::nullopt
                   : std::optional(Failure{Cause::wrong_database, 0,
                                           "the database is empty, the archive is not: there are files below " +
                                               quoted(root) + remedy + k_anyway});
    }
    constexpr std::size_t enough = 10;
    if (samples.size() < enough) {
        return std::nullopt;
    }
    std::string marks = "?";
    for (std::size_t i = 1; i < samples.size(); ++i) {
        marks += ", ?";
    }
    const Result known = m_session.run(
        "SELECT COUNT(DISTINCT filepath) FROM files FORCE INDEX (filepath) WHERE filepath IN (" + marks + ")", samples);
    if (known.failure) {
        return is_lost_connection(known.failure->cause) ? known.failure : std::nullopt;
    }
    const std::uint64_t count = number(known.rows.at(0).at(0));
    return count * enough > samples.size()
               ? std::nullopt
               : std::optional(Failure{Cause::wrong_database, 0,
                                       "the database knows " + std::to_string(count) + " of " +
                                           std::to_string(samples.size()) + " files of the last 30 days below " +
                                           quoted(root) + remedy + k_anyway});
}

Failure Check::missing_archive(const std::vector<Seen>& seen) const
{
    const auto marked = std::find_if(seen.begin(), seen.end(), [](const Seen& place) { return place.no_mount; });
    const std::string older =
        m_older.rows.empty() ? "" : " and of " + std::to_string(m_older.rows.size()) + " older ones";
    std::string text =
        "none of the newest " + std::to_string(m_newest.rows.size()) + " files" + older +
        " that the database knows is under " + roots_of(m_newest) +
        ": the mount of the archive is missing or empty; mount it there (volumes: in "
        "docker-compose.yml), take that line out where the images are in the configuration volume, or restore them";
    if (marked != seen.end()) {
        text += "; NO_MOUNT in " + quoted(m_places.at(static_cast<std::size_t>(marked - seen.begin())).root) +
                " says the same";
    }
    return {Cause::archive_missing, 0, text + k_anyway};
}

ArchiveFiles Check::judge(const std::vector<Seen>& seen)
{
    count_missing(m_newest, seen);
    count_missing(m_older, seen);
    if (m_newest.is_lost() && (m_older.rows.empty() || m_older.is_lost())) {
        return {missing_archive(seen), m_warnings};
    }
    if (m_newest.missing > 0) {
        m_warnings.push_back(std::to_string(m_newest.missing) + " of the newest " +
                             std::to_string(m_newest.rows.size()) + " files that the database knows are not under " +
                             roots_of(m_newest) +
                             (m_newest.is_lost() ? ", but older ones are: they were lost, as after a power cut" : "") +
                             "; /opt/dcm/maintenance/verify-archive --newest tells which, and the modalities may have "
                             "them still");
    }
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (!seen[i].no_mount) {
            continue;
        }
        const std::string text = "NO_MOUNT lies in " + quoted(m_places[i].root) +
                                 ": it is dcm4chee's mark for a mount that is missing, and nothing is stored there; "
                                 "mount the file system there, or remove it if this is the archive";
        if (m_newest.rows.empty() && m_older.rows.empty()) {
            return {Failure{Cause::archive_missing, 0, text + k_anyway}, m_warnings};
        }
        m_warnings.push_back(text);
    }
    auto failure = check_disk(seen);
    return {std::move(failure), m_warnings};
}

// In a child: a file server that does not answer would hold us up for ever.
std::optional<std::vector<Seen>> look(const std::vector<Place>& places, std::time_t now,
                                      std::chrono::milliseconds limit)
{
    const auto text = sys::answer_within(limit, [&] {
        std::string all;
        for (const auto& place : places) {
            all += format_seen(look_at(place, now)) + "\n";
        }
        return all;
    });
    if (!text) {
        return std::nullopt;
    }
    std::vector<Seen> seen;
    for (const auto line : split(*text, '\n')) {
        seen.push_back(parse_seen(std::string(line)));
    }
    seen.resize(places.size());
    return seen;
}

}  // namespace

ArchiveFiles check_archive_files(Session& session, const std::string& archive, std::time_t now,
                                 std::chrono::milliseconds limit)
try {
    Check check(session, archive);
    if (const auto failure = check.ask()) {
        if (is_lost_connection(failure->cause)) {
            return {failure, {}};
        }
        return {std::nullopt, {"cannot check that the archive's files are there: " + failure->detail}};
    }
    const auto seen = look(check.places(), now, limit);
    if (!seen) {
        return {std::nullopt,
                {"the archive's directories did not answer within " + human_duration(limit) +
                 ": is the file server behind " + quoted(check.places().front().root) +
                 " down? Nothing can be stored or read there until it answers"}};
    }
    return check.judge(*seen);
} catch (const Error& failure) {
    return {std::nullopt, {std::string("cannot check that the archive's files are there: ") + failure.what()}};
}

}  // namespace dcm::db
