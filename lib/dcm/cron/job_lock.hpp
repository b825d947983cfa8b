// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/sys/fd.hpp>

#include <optional>
#include <string>

namespace dcm::cron {

// What a run does while another one of the same job goes on: begin all the same, be left out, or wait its turn (one
// waits, further ones are left out).
enum class Overlap { allow, skip, wait };

// "skip", "wait", or "no"; nullopt for anything else. Empty is "no".
std::optional<Overlap> parse_overlap(const std::string& text);

// The exclusive right of a run to its job, given back at the end of this object's life, or by the kernel.
class JobLock {
public:
    // `key` names the lock file in `directory`. Waits with Overlap::wait; a signal that ends the process ends that too.
    JobLock(const std::string& directory, const std::string& key, Overlap overlap);

    // Whether the run may begin. Where no lock can be made, it may.
    bool granted() const { return m_granted; }

    void release() { m_fd.reset(); }

private:
    sys::Fd m_fd;
    bool m_granted = true;
};

}  // namespace dcm::cron
