// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/reach.hpp>
#include <dcm/db/session.hpp>

#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>

#include <nss.h>

#include <algorithm>
#include <utility>

namespace dcm::db {

namespace {

using datasource::Encryption;
using datasource::Login;

// The server's words may quote what was sent; a password never shows in a log.
std::string without(std::string text, const std::string& secret)
{
    for (auto at = text.find(secret); !secret.empty() && at != std::string::npos; at = text.find(secret, at)) {
        text.replace(at, secret.size(), "***");
        at += 3;
    }
    return text;
}

// The connector's exception, turned into ours at its border.
Failure failure_of(const sql::SQLException& failure, const std::string& secret)
{
    const int number = failure.getErrorCode();
    return {cause_of(number), number, without(printable(failure.what()), secret)};
}

std::vector<Row> rows_of(sql::ResultSet& result)
{
    const unsigned columns = result.getMetaData()->getColumnCount();
    std::vector<Row> rows;
    while (result.next()) {
        Row& row = rows.emplace_back(columns);
        for (unsigned i = 0; i < columns; ++i) {
            row[i] = result.getString(i + 1).asStdString();
        }
    }
    return rows;
}

class ConnectorSession final : public Session {
public:
    ConnectorSession(std::unique_ptr<sql::Connection> connection, std::string secret)
        : m_connection(std::move(connection)), m_secret(std::move(secret))
    {
    }

    Result run(const std::string& statement, const std::vector<std::string>& bound) override
    {
        try {
            return bound.empty() ? run_plain(statement) : run_bound(statement, bound);
        } catch (const sql::SQLException& failure) {
            return {{}, failure_of(failure, m_secret)};
        }
    }

private:
    Result run_plain(const std::string& text)
    {
        const std::unique_ptr<sql::Statement> statement(m_connection->createStatement());
        if (!statement->execute(text)) {
            return {};
        }
        const std::unique_ptr<sql::ResultSet> result(statement->getResultSet());
        return {rows_of(*result), std::nullopt};
    }

    Result run_bound(const std::string& text, const std::vector<std::string>& bound)
    {
        const std::unique_ptr<sql::PreparedStatement> statement(m_connection->prepareStatement(text));
        unsigned position = 0;
        for (const auto& value : bound) {
            statement->setString(++position, value);
        }
        if (!statement->execute()) {
            return {};
        }
        const std::unique_ptr<sql::ResultSet> result(statement->getResultSet());
        return {rows_of(*result), std::nullopt};
    }

    std::unique_ptr<sql::Connection> m_connection;
    std::string m_secret;
};

// The connector goes on in clear text when the server has no TLS, whatever it was told.
std::optional<Failure> missing_tls(Session& session, Encryption wanted)
{
    if (wanted != Encryption::require) {
        return std::nullopt;
    }
    const Result result = session.run("SHOW STATUS LIKE 'Ssl_cipher'");
    if (result.failure) {
        return result.failure;
    }
    const bool encrypted = !result.rows.empty() && result.rows[0].size() > 1 && !result.rows[0][1].empty();
    return encrypted ? std::nullopt : std::optional(Failure{Cause::tls, 0, "the server has no TLS"});
}

Opened connect(const Login& login, std::chrono::milliseconds timeout)
{
    sql::ConnectOptionsMap options;
    // tcp://: the connector takes a bare "localhost" for the Unix socket, JBoss does not.
    options["hostName"] = sql::SQLString("tcp://" + login.host + ":" + login.port);
    options["userName"] = sql::SQLString(login.user);
    options["password"] = sql::SQLString(login.password);
    options["schema"] = sql::SQLString(login.database);
    const auto seconds = static_cast<int>((timeout.count() + 999) / 1000);
    options["OPT_CONNECT_TIMEOUT"] = seconds;
    options["OPT_READ_TIMEOUT"] = seconds;
    options["sslEnforce"] = login.encryption != Encryption::off;
    options["sslVerify"] = false;
    // The client library asks once for the port called "mysql", which is not used here; what Debian's nsswitch.conf
    // puts before the file is looked for in some forty directories.
    __nss_configure_lookup("services", "files");
    try {
        std::unique_ptr<sql::Connection> connection(get_driver_instance()->connect(options));
        return std::make_unique<ConnectorSession>(std::move(connection), login.password);
    } catch (const sql::SQLException& failure) {
        return failure_of(failure, login.password);
    }
}

Opened log_in(const Login& login, std::chrono::milliseconds timeout)
{
    Opened opened = connect(login, timeout);
    if (auto* const session = std::get_if<std::unique_ptr<Session>>(&opened)) {
        if (const auto failure = missing_tls(**session, login.encryption)) {
            return *failure;
        }
        return opened;
    }
    // Lost, refused, not resolved: the connector's words do not tell which.
    const Failure& failure = std::get<Failure>(opened);
    constexpr int lost = 2013;
    if (is_unreachable(failure.cause) || failure.number == lost) {
        if (const auto reason = why_unreachable(login.host, login.port, timeout)) {
            return *reason;
        }
    }
    return opened;
}

}  // namespace

Session::~Session() = default;

Opened Prober::attempt(const Login& login, std::chrono::milliseconds timeout)
{
    if (m_unreachable) {
        if (const auto reason = why_unreachable(login.host, login.port, timeout)) {
            return *reason;
        }
    }
    Opened opened = log_in(login, timeout);
    const auto* const failure = std::get_if<Failure>(&opened);
    m_unreachable = failure != nullptr && is_unreachable(failure->cause);
    return opened;
}

}  // namespace dcm::db
