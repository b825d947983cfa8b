// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/progress.hpp>

#include <algorithm>
#include <utility>

namespace dcm::volume {

namespace {

constexpr std::chrono::milliseconds k_redraw{100};
constexpr std::chrono::seconds k_report{10};
constexpr std::string_view k_wipe = "\r\x1b[K";

}  // namespace

Progress::Progress(Notify notify, std::string what, std::optional<int> terminal, Amount expected)
    : m_notify(std::move(notify)), m_what(std::move(what)), m_terminal(terminal), m_all(expected),
      m_begin(m_clock.now()), m_last(m_begin)
{
    if (m_terminal && m_all.files > 0) {
        draw();
    }
}

Progress::~Progress()
{
    if (m_drawn) {
        sys::write_all(*m_terminal, k_wipe);
    }
}

void Progress::add(std::uint64_t bytes)
{
    ++m_done.files;
    m_done.bytes += bytes;
    constexpr unsigned look_every = 16;  // files; the clock is not free
    if (m_done.files % look_every != 0 ||
        m_clock.now() - m_last < (m_terminal ? Clock::duration(k_redraw) : k_report)) {
        return;
    }
    m_last = m_clock.now();
    if (m_terminal) {
        draw();
    } else {
        m_notify({Level::info,
                  text(),
                  {{"files", static_cast<long long>(m_done.files)}, {"bytes", static_cast<long long>(m_done.bytes)}}});
    }
}

std::string Progress::text() const
{
    const auto elapsed = static_cast<std::uint64_t>((m_clock.now() - m_begin).count());
    const std::uint64_t rate = elapsed == 0 ? 0 : m_done.bytes * 1000 / elapsed;
    return m_what + ": " + human_size(m_done.bytes) + " of " + human_size(m_all.bytes) + ", " +
           std::to_string(m_done.files) + " of " + std::to_string(m_all.files) + " files, " + human_size(rate) + "/s";
}

void Progress::draw()
{
    constexpr std::uint64_t width = 20;
    const std::uint64_t done = m_all.bytes == 0 ? width : std::min(width, m_done.bytes * width / m_all.bytes);
    std::string bar(done, '#');
    bar.resize(width, '.');
    sys::write_all(*m_terminal, std::string(k_wipe) + "[" + bar + "] " + printable(text()));
    m_drawn = true;
}

}  // namespace dcm::volume
