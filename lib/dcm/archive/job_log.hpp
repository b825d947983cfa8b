// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/job_record.hpp>
#include <dcm/sys/nonblocking_writer.hpp>

#include <poll.h>
#include <sys/types.h>

#include <array>
#include <string>
#include <vector>

namespace dcm::archive {

// The socket through which the jobs of cron reach the log of the container: their lines are copied to `output`, their
// records become notices and the table of last results. Whose a message is, the kernel says: a user can neither give a
// result to a job of another nor write lines that look like those of another's job or of a command. Memory is fixed and
// every call short, however much jobs write and however slowly `output` is read; a job whose lines nobody takes waits
// in its write.
class JobLog {
public:
    // `results_file` is replaced after every record; empty: not kept. Throws Error(os_error).
    explicit JobLog(std::string results_file, int output);

    // To be inherited by cron as sys::k_job_log_fd. This object keeps it open, so it outlives every cron.
    int write_end() const { return m_write_end.get(); }

    // What to poll for before `work` has something to do: more to read, or room in `output`.
    pollfd waits_for() const;

    // Copy and read what is there, a few messages of it at most; never waits.
    void work(const Notify& notify);

    // At the end, once nothing writes any more: all that is there and that the output takes at once.
    void finish(const Notify& notify);

    // In the order of their first run; the jobs that ran least recently go when there are more than 100.
    const std::vector<sys::JobResult>& results() const { return m_results; }

private:
    struct Sender {
        pid_t pid = 0;
        std::string user;
    };
    void flush();
    bool receive(const Notify& notify);
    Sender name_sender(pid_t pid, uid_t uid);
    void take_record(const sys::JobRecord& record, const Sender& sender, const Notify& notify);
    sys::JobResult& result_of(const sys::JobRecord& record, const std::string& user);
    void publish(const Notify& notify);

    sys::Fd m_read_end;
    sys::Fd m_write_end;
    sys::NonblockingWriter m_output;
    std::string m_results_file;
    std::vector<sys::JobResult> m_results;
    bool m_changed = false;     // since the results were published
    bool m_unwritable = false;  // the results file, and that was said
    uid_t m_last_uid = 0;
    std::string m_last_user = "root";
    std::array<char, sys::k_job_log_frame> m_buffer{};
    std::size_t m_written = 0;  // of the lines in the buffer, to the output
    std::size_t m_lines = 0;    // end of the lines
};

}  // namespace dcm::archive
