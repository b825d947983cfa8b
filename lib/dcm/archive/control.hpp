// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/archive/deadline.hpp>
#include <dcm/core/exit_code.hpp>
#include <dcm/core/notice.hpp>
#include <dcm/sys/fd.hpp>

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::archive {

// The socket by which `dcm-start --restart` asks the running one: RUN_DIR/control, mode 0600. Only root and the user of
// this process are heard (SO_PEERCRED). A caller sends one line, "restart REASON", gets a line for each notice while
// the restart goes on ("info TEXT"), and at last "end STATUS TEXT". One caller at a time; nobody ever waits for one.
class Control {
public:
    // Without a socket, for a reason that is a warning, the archive goes on. Nobody is heard who `is_of_server`.
    void open(const std::string& run_dir, std::function<bool(pid_t)> is_of_server, const Notify& notify);
    void close();

    // For poll(2); -1 where there is none.
    int listener() const { return m_listener.get(); }
    int caller() const { return m_caller.get(); }

    // What is to be done after poll(2) and when `next` has come: the reason of a restart that is asked for.
    std::optional<std::string> take_request(Clock::time_point now);
    Time next() const { return m_request_by; }

    // To whoever asked for the restart that goes on; nothing when it was nobody, or when he has gone.
    void tell(const Notice& notice);
    void finish(ExitCode code, const std::string& text = {});  // empty: a notice has said it

private:
    void accept_caller(Clock::time_point now);
    void send(const std::string& line);

    std::string m_path;
    std::function<bool(pid_t)> m_is_of_server;
    sys::Fd m_listener;
    sys::Fd m_caller;
    std::string m_received;
    Time m_request_by;  // a caller that says nothing must not keep others out
};

// The reason in a request; nullopt when `line` is none.
std::optional<std::string> parse_request(std::string_view line);

// The other side: ask the dcm-start that owns RUN_DIR/control, and pass on to `notify` what it says until the archive
// is ready again. Returns the status to end with. Throws Error(unavailable) when none runs, Error(no_permission).
int ask_for_restart(const std::string& run_dir, const std::string& reason, const Notify& notify);

// A line of the answer.
struct Answer {
    std::optional<int> end;  // the status, in the last one
    Notice notice;
};
std::optional<Answer> parse_answer(std::string_view line);

}  // namespace dcm::archive
