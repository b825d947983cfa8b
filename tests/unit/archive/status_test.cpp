// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/health.hpp>
#include <dcm/archive/json_view.hpp>
#include <dcm/archive/process_table.hpp>
#include <dcm/archive/status.hpp>
#include <dcm/archive/status_board.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/job_record.hpp>

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <temp_dir.hpp>

using namespace dcm::archive;
using namespace std::chrono_literals;
using dcm::ExitCode;
using ::testing::HasSubstr;

namespace {

Status example()
{
    Status status;
    status.version = "1.0";
    status.state = "ready";
    status.reason = "C-ECHO accepted";
    status.since = 1'700'000'000;
    status.updated = 1'700'000'100;
    status.pid = 1;
    status.start_ticks = 42;
    status.server_pid = 17;
    status.resident = 900'000'000;
    status.memory_limit = 2'000'000'000;
    status.max_rss = 1'500'000'000;
    status.oom_kills = 1;
    status.aet = "DCM4CHEE";
    status.port = 11112;
    status.dicom_answer = "accepted";
    status.dicom_checked = 1'700'000'090;
    status.restarts = {{"memory", 1}, {"requested", 2}};
    status.last_restarts = {{1'699'999'000, "requested", "ñ\n\"x\"", 9000}};
    status.last_end = End{1'699'999'001, 143, "exit status 143"};
    status.cron_pid = 18;
    status.warnings = {"dcm-seed-volume: warning: no room", "dcm-cron-load: error: a\"b"};
    status.database = R"({"state":"up","cause":"","message":"","warnings":["the driver is old"]})";
    dcm::sys::JobResult job;
    job.id = "ab";
    job.name = "backup";
    job.user = "root";
    job.started_ms = 1'699'999'500'000;
    job.duration = 90s;
    job.status = dcm::sys::ExitStatus::exited(3);
    job.runs = 2;
    job.failures = 1;
    status.jobs = dcm::sys::format_job_results({job});
    return status;
}

const dcm::Notify k_silent = [](const dcm::Notice& notice) { ADD_FAILURE() << notice.message; };

}  // namespace

TEST(Status, IsOneLineOfJson)
{
    const std::string text = format_json(to_json(example()));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    const Json json = Json::parse(text);
    const JsonView view(json);
    EXPECT_EQ(view.number("/restarts/count"), 3);
    EXPECT_EQ(view.text("/restarts/last/0/reason"), "ñ\n\"x\"");
    EXPECT_EQ(view.text("/last_end/text"), "exit status 143");
    EXPECT_EQ(view.text("/database/state"), "up");
}

TEST(Status, TakesOnlyJsonFromOthers)
{
    Status status = example();
    status.jobs = "{\"a\":";
    status.database = "";
    EXPECT_TRUE(to_json(status)["jobs"].is_null());
    EXPECT_TRUE(to_json(status)["database"].is_null());
}

TEST(Status, OfAnyShapeIsTold)
{
    for (const char* const text : {"null", "[]", "{}", "7",
                                   R"({"state":1,"since":2,"restarts":[1],"dicom":7,"last_end":{"time":"x"},
                                       "warnings":{"a":1},"jobs":[[]],"database":{"warnings":7},"memory":"m"})",
                                   R"({"restarts":{"kinds":[1],"last":[1,{"away_ms":"x"}]},"warnings":"w"})"}) {
        const Json status = Json::parse(text);
        EXPECT_THAT(describe_status(status, 0), HasSubstr("state:")) << text;
        EXPECT_THAT(format_metrics(status), HasSubstr("dcm_archive_fault 0")) << text;
        EXPECT_EQ(judge_health(status, 1'700'000'000).code, ExitCode::unavailable) << text;
    }
}

TEST(Status, IsToldToPeople)
{
    const std::string text = describe_status(to_json(example()), 1'700'000'120);
    EXPECT_THAT(text, HasSubstr("state:      ready for 2 min: C-ECHO accepted\n"));
    EXPECT_THAT(
        text, HasSubstr("server:     PID 17, holds 900 MB of memory, DCM_MAX_RSS 1.5 GB, container's limit 2.0 GB\n"));
    EXPECT_THAT(text, HasSubstr("dicom:      port 11112, AE title DCM4CHEE: accepted, 30 s ago\n"));
    EXPECT_THAT(text, HasSubstr("restarts:   3, memory 1, requested 2\n"));
    EXPECT_THAT(text, HasSubstr("away for 9 s"));
    EXPECT_THAT(text, HasSubstr("jobs:       backup (root): failed: exit status 3, last run "));
    EXPECT_THAT(text, HasSubstr("took 1 min 30 s; 2 runs, 1 failed\n"));
    EXPECT_THAT(text, HasSubstr("database:   up\n            warning: the driver is old\n"));
    EXPECT_THAT(text, HasSubstr("at start:   dcm-seed-volume: warning: no room\n            dcm-cron-load: error: a"));
}

TEST(Status, TheDatabaseIsAsItIsNowTheWarningsAreOfTheStart)
{
    Status status = example();
    status.database_now =
        R"({"time":"2023-11-14T22:15:00.000000Z","state":"failed","cause":"refused","message":"nobody listens"})";
    const std::string text = describe_status(to_json(status), 1'700'000'120);
    EXPECT_THAT(text,
                HasSubstr("database:   failed: nobody listens, 20 s ago\n            warning: the driver is old\n"));
}

TEST(Status, TellsWhatNeedsAttention)
{
    Status status = example();
    status.conditions["storage"] = Condition{true, "images are refused"};
    EXPECT_THAT(describe_status(to_json(status), 0), HasSubstr("attention:  images are refused\n"));
    EXPECT_THAT(format_metrics(to_json(status)), HasSubstr("dcm_archive_fault 1\n"));
}

TEST(Status, IsToldToPrometheus)
{
    Status status = example();
    status.server_started = 1'699'999'010;
    const std::string text = format_metrics(to_json(status));
    EXPECT_THAT(text, HasSubstr("# TYPE dcm_archive_state gauge\ndcm_archive_state{state=\"starting\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("dcm_archive_state{state=\"ready\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("dcm_archive_resident_memory_bytes 900000000\n"));
    EXPECT_THAT(text, HasSubstr("dcm_archive_server_started_seconds 1699999010\n"));
    EXPECT_THAT(text, HasSubstr("dcm_archive_restarts_total{kind=\"requested\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("dcm_archive_last_restart_away_seconds 9\n"));
}

TEST(Utc, IsReadAsWritten)
{
    EXPECT_EQ(format_utc(1'700'000'000), "2023-11-14T22:13:20Z");
    EXPECT_EQ(parse_utc("2023-11-14T22:13:20Z"), 1'700'000'000);
    EXPECT_EQ(parse_utc("2023-11-14"), 0);
    EXPECT_EQ(parse_utc(""), 0);
}

TEST(Health, IsBadOnlyWhenAPersonShouldLook)
{
    const auto judge = [](const std::string& state, bool fault) {
        Status status = example();
        status.state = state;
        status.fault = fault;
        return judge_health(to_json(status), status.updated + 60);
    };
    for (const char* const state : {"starting", "ready", "restarting", "waiting", "stopping"}) {
        EXPECT_EQ(judge(state, false).code, ExitCode::ok) << state;
        EXPECT_EQ(judge(state, true).code, ExitCode::unavailable) << state;
        EXPECT_EQ(judge(state, false).ready, state == std::string("ready"));
    }
    EXPECT_EQ(judge("silent", false).code, ExitCode::unavailable);
    EXPECT_EQ(judge("ended", false).code, ExitCode::unavailable);
    EXPECT_EQ(judge("ready", false).reason, "ready: C-ECHO accepted");
}

TEST(Health, MeansThatImagesAreTaken)
{
    Status status = example();
    status.conditions["storage"] = Condition{false, "60 MB free"};
    auto health = judge_health(to_json(status), status.updated);
    EXPECT_EQ(health.code, ExitCode::ok);
    EXPECT_TRUE(health.ready);
    EXPECT_EQ(health.reason, "ready: C-ECHO accepted; 60 MB free");
    status.conditions["database"] = Condition{true, "the database cannot be used"};
    health = judge_health(to_json(status), status.updated);
    EXPECT_EQ(health.code, ExitCode::unavailable);
    EXPECT_FALSE(health.ready);
    EXPECT_EQ(health.reason, "ready: C-ECHO accepted; the database cannot be used; 60 MB free");
}

TEST(Health, AFileThatNobodyRenewsIsNoHealth)
{
    const auto health = judge_health(to_json(example()), example().updated + 3600);
    EXPECT_EQ(health.code, ExitCode::unavailable);
    EXPECT_EQ(health.reason, "dcm-start has said nothing for 1 h (it was ready)");
}

TEST(Health, AStatusOfAnEarlierLifeIsNotBelieved)
{
    const TempDir directory;
    Status status = example();
    status.pid = getpid();
    status.updated = std::time(nullptr);
    status.start_ticks = start_ticks_of(getpid());
    directory.write("status.json", format_json(to_json(status)));
    EXPECT_FALSE(read_report(directory.path(), status.updated).status.is_null());
    ++status.start_ticks;
    directory.write("status.json", format_json(to_json(status)));
    EXPECT_TRUE(read_report(directory.path(), status.updated).status.is_null());
}

TEST(StatusBoard, CountsRestartsAndHowLongTheArchiveWasAway)
{
    const TempDir directory;
    StatusBoard board(directory.path("run"), directory.path("metrics.prom"));
    dcm::Clock::time_point now{};
    board.server_started(now);
    EXPECT_EQ(board.ready(now + 6s), 6s);
    EXPECT_FALSE(board.restart_goes_on());
    board.restart_begins(restart_kind::requested, "nightly", now + 100s);
    board.server_started(now + 103s);
    EXPECT_TRUE(board.restart_goes_on());
    EXPECT_EQ(board.ready(now + 109s), 9s);
    EXPECT_EQ(board.status().last_restarts.at(0).away_ms, 9000);
    EXPECT_EQ(board.status().ready_after_ms, 6000);
    for (int i = 0; i < 20; ++i) {
        board.restart_begins(restart_kind::ended, "x", now);
    }
    EXPECT_EQ(board.status().last_restarts.size(), 10U);
    EXPECT_EQ(board.status().all_restarts(), 21U);
    directory.write("run/db.json", R"({"cause":"refused"})");
    directory.write("run/jobs.json", "not json");
    board.renew();
    board.publish(k_silent);
    const Json written = Json::parse(directory.read("run/status.json"));
    EXPECT_EQ(written["database"].dump(), R"({"cause":"refused"})");
    EXPECT_TRUE(written["jobs"].is_null());
    EXPECT_THAT(directory.read("metrics.prom"), HasSubstr("dcm_archive_restarts_total{kind=\"ended\"} 20\n"));
    struct stat status {};
    ASSERT_EQ(stat(directory.path("run").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0755U);
}

TEST(StatusBoard, HasRoomForAllJobsThatAreOnRecord)
{
    const TempDir directory;
    StatusBoard board(directory.path("run"), "");
    std::vector<dcm::sys::JobResult> jobs(100);
    for (auto& job : jobs) {
        job.id = std::string(16, 'f');
        job.name = job.user = std::string(32, '"');
        job.started_ms = 1LL << 50;
        job.status = dcm::sys::ExitStatus::exited(255);
        job.duration = std::chrono::milliseconds(1LL << 50);
        job.runs = job.failures = 1ULL << 40;
        job.pid = 1 << 22;
    }
    directory.write("run/jobs.json", dcm::sys::format_job_results(jobs));
    board.publish(k_silent);
    const Json written = Json::parse(dcm::sys::read_or_empty(directory.path("run/status.json")));
    EXPECT_EQ(written["jobs"]["jobs"].size(), 100U);
}

TEST(StatusBoard, TellsWhetherAConditionIsNews)
{
    StatusBoard board("/proc/nothing", "");
    EXPECT_FALSE(board.set("storage", std::nullopt));
    EXPECT_TRUE(board.set("storage", Condition{false, "60 MB"}));
    EXPECT_FALSE(board.set("storage", Condition{false, "59 MB"}));
    EXPECT_TRUE(board.set("storage", Condition{true, "49 MB"}));
    EXPECT_TRUE(board.set("storage", std::nullopt));
    EXPECT_TRUE(board.status().conditions.empty());
}

TEST(StatusBoard, WritesWhenSomethingChanged)
{
    const TempDir directory;
    StatusBoard board(directory.path("run"), "");
    board.publish(k_silent);
    std::filesystem::remove(directory.path("run/status.json"));
    board.publish(k_silent);
    EXPECT_FALSE(std::filesystem::exists(directory.path("run/status.json")));
    board.enter("ready", "C-ECHO accepted");
    board.publish(k_silent);
    EXPECT_TRUE(std::filesystem::exists(directory.path("run/status.json")));
}

TEST(StatusBoard, WarnsOnceWhereItCannotWrite)
{
    int warnings = 0;
    StatusBoard board("/proc/nothing/here", "");
    for (int i = 0; i < 3; ++i) {
        board.renew();
        board.publish([&](const dcm::Notice&) { ++warnings; });
    }
    EXPECT_EQ(warnings, 1);
}
