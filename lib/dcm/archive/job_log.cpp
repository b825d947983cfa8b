// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/job_log.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace dcm::archive {

namespace {

constexpr std::size_t k_max_results = 100;

constexpr int k_messages_at_once = 16;

Notice failure_notice(const sys::JobRecord& record, const std::string& user)
{
    return {Level::warning,
            "job " + quoted(record.name) + " of user " + user + " failed: " + record.status.str() + " after " +
                human_duration(record.duration),
            {{"job", record.name},
             {"user", user},
             {"status", static_cast<long long>(record.status.shell_code())},
             {"duration_ms", static_cast<long long>(record.duration.count())}}};
}

// Whether `text` is whole lines of jobs of `user`. Root may write what it wants: it could anyhow.
bool are_lines_of(std::string_view text, const std::string& user)
{
    if (!ends_with(text, "\n")) {
        return false;
    }
    const std::string prefix = "[" + user + "/";
    const auto lines = split(text.substr(0, text.size() - 1), '\n');
    return user == "root" || std::all_of(lines.begin(), lines.end(),
                                         [&prefix](std::string_view line) { return starts_with(line, prefix); });
}

}  // namespace

JobLog::JobLog(std::string results_file, int output) : m_output(output), m_results_file(std::move(results_file))
{
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw system_error("cannot create the socket of the jobs", errno, ExitCode::os_error);
    }
    m_read_end.reset(ends[0]);
    m_write_end.reset(ends[1]);
    const int on = 1;
    setsockopt(m_read_end.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
}

pollfd JobLog::waits_for() const
{
    return m_written < m_lines ? pollfd{m_output.fd(), POLLOUT, 0} : pollfd{m_read_end.get(), POLLIN, 0};
}

void JobLog::work(const Notify& notify)
{
    flush();
    for (int left = k_messages_at_once; left > 0 && m_written == m_lines && receive(notify); --left) {
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

void JobLog::flush() { m_written += m_output.write({m_buffer.data() + m_written, m_lines - m_written}); }

// Take one message; false when there is none.
bool JobLog::receive(const Notify& notify)
{
    iovec part{m_buffer.data(), m_buffer.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    m_written = m_lines = 0;
    const auto got = recvmsg(m_read_end.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    const cmsghdr* const header = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (got <= 0 || header == nullptr || header->cmsg_type != SCM_CREDENTIALS ||
        (static_cast<unsigned>(message.msg_flags) & static_cast<unsigned>(MSG_TRUNC)) != 0) {
        return got > 0;
    }
    ucred credentials{};
    std::memcpy(&credentials, CMSG_DATA(header), sizeof(credentials));
    const Sender sender = name_sender(credentials.pid, credentials.uid);
    const std::string_view text(m_buffer.data(), static_cast<std::size_t>(got));
    if (const auto record = sys::parse_job_record(text)) {
        take_record(*record, sender, notify);
    } else if (are_lines_of(text, sender.user)) {
        m_lines = text.size();
    }
    return true;
}

JobLog::Sender JobLog::name_sender(pid_t pid, uid_t uid)
{
    if (uid != m_last_uid) {
        m_last_uid = uid;
        m_last_user = sys::user_name(uid);
    }
    return {pid, m_last_user};
}

void JobLog::take_record(const sys::JobRecord& record, const Sender& sender, const Notify& notify)
{
    auto& result = result_of(record, sender.user);
    m_changed = true;
    result.pid = sender.pid;
    result.started_ms = record.started_ms;
    if (record.event == sys::JobEvent::started) {
        ++result.running;
        notify({Level::debug, "job " + quoted(record.name) + " of user " + sender.user + " started", {}});
        return;
    }
    result.running -= result.running > 0 ? 1 : 0;
    result.duration = record.duration;
    result.status = record.status;
    ++result.runs;
    if (record.status.success()) {
        notify({Level::debug,
                "job " + quoted(record.name) + " of user " + sender.user + " ended after " +
                    human_duration(record.duration),
                {}});
    } else {
        ++result.failures;
        notify(failure_notice(record, sender.user));
    }
}

sys::JobResult& JobLog::result_of(const sys::JobRecord& record, const std::string& user)
{
    const auto known = std::find_if(m_results.begin(), m_results.end(),
                                    [&](const auto& result) { return result.id == record.id && result.user == user; });
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
    fresh.user = user;
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
