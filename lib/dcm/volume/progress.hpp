// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/clock.hpp>
#include <dcm/core/notice.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace dcm::volume {

// How far a copy is: a bar redrawn on a terminal, else one notice per 10 s.
class Progress {
public:
    // `terminal`: descriptor to draw the bar on.
    Progress(Notify notify, std::string what, std::optional<int> terminal);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();  // wipes the bar

    void expect(std::uint64_t files, std::uint64_t bytes);
    void add(std::uint64_t bytes);  // one more file

    std::uint64_t files() const { return m_files; }
    std::uint64_t bytes() const { return m_bytes; }

private:
    std::string text() const;
    void draw();

    Notify m_notify;
    std::string m_what;
    std::optional<int> m_terminal;
    std::uint64_t m_files = 0;
    std::uint64_t m_bytes = 0;
    std::uint64_t m_all_files = 0;
    std::uint64_t m_all_bytes = 0;
    bool m_drawn = false;
    SystemClock m_clock;
    Clock::time_point m_begin;
    Clock::time_point m_last;
};

}  // namespace dcm::volume
