// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/datasource/login.hpp>
#include <dcm/db/cause.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dcm::db {

using Row = std::vector<std::string>;  // NULL is empty

// What a statement gave: its rows, or why it failed.
struct Result {
    std::vector<Row> rows;
    std::optional<Failure> failure;
};

// A login to the archive's database. One statement at a time; every value goes in as a bound parameter.
class Session {
public:
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    virtual ~Session();

    // `bound` are the values of the statement's question marks, as text.
    virtual Result run(const std::string& statement, const std::vector<std::string>& bound) = 0;

    Result run(const std::string& statement) { return run(statement, {}); }
};

using Opened = std::variant<std::unique_ptr<Session>, Failure>;

// Logs in over TCP as JBoss does and selects the database; where the login requires encryption, the session has it,
// whoever the server is. Again and again without doing harm: while nobody answers, a look is a bare connection (see
// reach.hpp), and only when a server greets a login follows.
class Prober {
public:
    // `timeout` is per step (connect, answer), rounded up to whole seconds.
    Opened attempt(const datasource::Login& login, std::chrono::milliseconds timeout);

private:
    bool m_unreachable = false;
};

}  // namespace dcm::db
