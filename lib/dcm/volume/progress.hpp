// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/clock.hpp>
#include <dcm/core/notice.hpp>
#include <dcm/volume/decide.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace dcm::volume {

// How far a copy is: a bar redrawn on a terminal, else one notice per 10 s.
class Progress {
public:
    // `terminal`: descriptor to draw the bar on.
    Progress(Notify notify, std::string what, std::optional<int> terminal, Amount expected);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();  // wipes the bar

    void add(std::uint64_t bytes);  // one more file

private:
    std::string text() const;
    void draw();

    Notify m_notify;
    std::string m_what;
    std::optional<int> m_terminal;
    Amount m_all;
    Amount m_done;
    bool m_drawn = false;
    SystemClock m_clock;
    Clock::time_point m_begin;
    Clock::time_point m_last;
};

}  // namespace dcm::volume
