// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/job_record.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace dcm::cron {

// Puts `prefix` before every line of a job's output and writes whole lines to `fd`, as many at once as one message
// has. A longer line goes out in pieces that are lines of their own.
class JobOutput {
public:
    JobOutput(int fd, std::string prefix) : m_fd(fd), m_prefix(std::move(prefix)) {}

    // Take what the job has written; its whole lines are out on return.
    void feed(std::string_view text);

    // Its last line, should it have no end.
    void finish();

private:
    void put(std::string_view piece);
    void flush();

    int m_fd;
    std::string m_prefix;
    std::string m_partial;  // the beginning of a line
    std::string m_frame;    // whole lines, not written yet
};

}  // namespace dcm::cron
