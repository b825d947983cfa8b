// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/job_log.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace dcm::archive {

namespace {

constexpr std::size_t k_max_results = 100;

Notice failure_notice(const sys::JobRecord& record)
{
    return {Level::warning,
            "job " + quoted(record.name) + " of user " + record.user + " failed: " + record.status.str() + " after " +
                human_duration(record.duration),
            {{"job", record.name},
             {"user", record.user},
             {"status", static_cast<long long>(record.status.shell_code())},
             {"duration_ms", static_cast<long long>(record.duration.count())}}};
}

}  // namespace

JobLog::JobLog(std::string results_file, int output) : m_output(output), m_results_file(std::move(results_file))
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw system_error("cannot create the pipe of the jobs", errno, ExitCode::os_error);
    }
    m_read_end.reset(ends[0]);
    m_write_end.reset(ends[1]);
    fcntl(m_read_end.get(), F_SETFL, O_NONBLOCK);
}

pollfd JobLog::waits_for() const
{
    return m_written < m_lines ? pollfd{m_output.fd(), POLLOUT, 0} : pollfd{m_read_end.get(), POLLIN, 0};
}

void JobLog::work(const Notify& notify)
{
    flush();
    if (m_written == m_lines) {
        fill(notify);
        flush();
    }
    if (m_changed) {
        publish(notify);
    }
}

void JobLog::finish(const Notify& notify)
{
    for (pollfd waiting = waits_for(); poll(&waiting, 1, 0) == 1; waiting = waits_for()) {
        work(notify);
    }
}

void JobLog::flush()
{
    while (m_written < m_lines) {
        const auto done = m_output.write({&m_buffer.at(m_written), m_lines - m_written});
        if (done < 0 && (errno == EINTR || errno == EAGAIN)) {
            return;
        }
        // Nobody is there to read: the jobs must not wait for ever.
        m_written = done < 0 ? m_lines : m_written + static_cast<std::size_t>(done);
    }
}

void JobLog::fill(const Notify& notify)
{
    m_filled -= m_lines;
    std::memmove(m_buffer.data(), m_buffer.data() + m_lines, m_filled);
    m_written = 0;
    m_lines = 0;
    const auto got = ::read(m_read_end.get(), m_buffer.data() + m_filled, m_buffer.size() - 1 - m_filled);
    if (got <= 0) {
        return;
    }
    m_filled += static_cast<std::size_t>(got);
    if (m_filled == m_buffer.size() - 1 && std::memchr(m_buffer.data(), '\n', m_filled) == nullptr) {
        m_buffer.at(m_filled++) = '\n';  // no job shell writes a line this long
    }
    std::size_t next = 0;
    while (const void* const end = std::memchr(m_buffer.data() + next, '\n', m_filled - next)) {
        const auto size = static_cast<std::size_t>(static_cast<const char*>(end) - m_buffer.data()) + 1 - next;
        const std::string_view line(m_buffer.data() + next, size);
        next += size;
        take_line(line, notify);
    }
    m_filled -= next;
    std::memmove(m_buffer.data() + m_lines, m_buffer.data() + next, m_filled);
    m_filled += m_lines;
}

// `line`, newline included, lies in the buffer at or behind the end of the lines for the output.
void JobLog::take_line(std::string_view line, const Notify& notify)
{
    if (line[0] != sys::k_record_mark) {
        std::memmove(m_buffer.data() + m_lines, line.data(), line.size());
        m_lines += line.size();
    } else if (const auto record = sys::parse_job_record(line.substr(0, line.size() - 1))) {
        take_record(*record, notify);
    }
}

void JobLog::take_record(const sys::JobRecord& record, const Notify& notify)
{
    auto& result = result_of(record);
    m_changed = true;
    result.pid = record.pid;
    result.started_ms = record.started_ms;
    if (record.event == sys::JobEvent::started) {
        ++result.running;
        notify({Level::debug, "job " + quoted(record.name) + " of user " + record.user + " started", {}});
        return;
    }
    result.running -= result.running > 0 ? 1 : 0;
    result.duration = record.duration;
    result.status = record.status;
    ++result.runs;
    if (record.status.success()) {
        notify({Level::debug,
                "job " + quoted(record.name) + " of user " + record.user + " ended after " +
                    human_duration(record.duration),
                {}});
    } else {
        ++result.failures;
        notify(failure_notice(record));
    }
}

sys::JobResult& JobLog::result_of(const sys::JobRecord& record)
{
    const auto known = std::find_if(m_results.begin(), m_results.end(), [&record](const auto& result) {
        return result.id == record.id && result.user == record.user;
    });
    if (known != m_results.end()) {
        known->name = record.name;
        return *known;
    }
    if (m_results.size() >= k_max_results) {
        m_results.erase(std::min_element(m_results.begin(), m_results.end(),
                                         [](const auto& a, const auto& b) { return a.started_ms < b.started_ms; }));
    }
    sys::JobResult fresh;
    fresh.id = record.id;
    fresh.name = record.name;
    fresh.user = record.user;
    m_results.push_back(std::move(fresh));
    return m_results.back();
}

void JobLog::publish(const Notify& notify)
{
    m_changed = false;
    if (m_results_file.empty() || sys::replace_file(m_results_file, sys::format_job_results(m_results))) {
        return;
    }
    if (!std::exchange(m_unwritable, true)) {
        notify({Level::warning,
                "cannot write " + quoted(m_results_file) + ": " + errno_text(errno) +
                    "; the results of jobs are in the log only",
                {}});
    }
}

}  // namespace dcm::archive
