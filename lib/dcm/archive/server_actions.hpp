// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/exit_code.hpp>

#include <string>
#include <vector>

namespace dcm::archive {

// What the life of the server acts upon; tests have one without processes.
class ServerActions {
public:
    ServerActions() = default;
    ServerActions(const ServerActions&) = delete;
    ServerActions& operator=(const ServerActions&) = delete;
    virtual ~ServerActions() = default;

    // Throws Error when it cannot be started.
    virtual void start() = 0;
    virtual bool running() const = 0;
    // May be asked again and again: a JVM that has been asked is not asked twice.
    virtual void ask_to_end() = 0;
    virtual void dump_threads() = 0;
    virtual void kill() = 0;

    // Of a server that has crashed: what it said last and what it held, one line each.
    virtual std::vector<std::string> last_words() = 0;

    // To whoever asked for the restart that goes on, if anybody did; an empty text where a notice has said it.
    virtual void answer(ExitCode code, const std::string& text) = 0;
};

}  // namespace dcm::archive
