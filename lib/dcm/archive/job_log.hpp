// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/job_record.hpp>
#include <dcm/sys/nonblocking_writer.hpp>

#include <poll.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::archive {

// The pipe through which the jobs of cron reach the log of the container: their lines are copied to `output`, their
// records become notices and the table of last results. Memory is fixed and every call short, however much jobs write
// and however slowly `output` is read; a job whose lines nobody takes waits in its write.
class JobLog {
public:
    // `results_file` is replaced after every record; empty: not kept. Throws Error(os_error).
    explicit JobLog(std::string results_file, int output);

    // To be inherited by cron as sys::k_job_log_fd. This object keeps it open, so the pipe outlives every cron.
    int write_end() const { return m_write_end.get(); }

    // What to poll for before `work` has something to do: more to read, or room in `output`.
    pollfd waits_for() const;

    // Copy and read what is there, at most one buffer of it; never waits.
    void work(const Notify& notify);

    // At the end, once nothing writes any more: all that is there and that the output takes at once.
    void finish(const Notify& notify);

    // In the order of their first run; the jobs that ran least recently go when there are more than 100.
    const std::vector<sys::JobResult>& results() const { return m_results; }

private:
    void flush();
    void fill(const Notify& notify);
    void take_line(std::string_view line, const Notify& notify);
    void take_record(const sys::JobRecord& record, const Notify& notify);
    sys::JobResult& result_of(const sys::JobRecord& record);
    void publish(const Notify& notify);

    sys::Fd m_read_end;
    sys::Fd m_write_end;
    sys::NonblockingWriter m_output;
    std::string m_results_file;
    std::vector<sys::JobResult> m_results;
    bool m_changed = false;     // since the results were published
    bool m_unwritable = false;  // the results file, and that was said
    // Whole lines for the output, then the beginning of a line that is not complete yet.
    std::array<char, 4 * sys::k_job_log_frame> m_buffer{};
    std::size_t m_written = 0;  // of the lines, to the output
    std::size_t m_lines = 0;    // end of the lines
    std::size_t m_filled = 0;   // end of what was read
};

}  // namespace dcm::archive
