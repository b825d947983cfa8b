// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/reach.hpp>
#include <dcm/db/session.hpp>

#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>

#include <memory>
#include <string>

namespace dcm::db {

namespace {

// The server's words may quote what was sent; a password never shows in a log.
std::string without(std::string text, const std::string& secret)
{
    for (auto at = text.find(secret); !secret.empty() && at != std::string::npos; at = text.find(secret, at)) {
        text.replace(at, secret.size(), "***");
        at += 3;
    }
    return text;
}

}  // namespace

std::optional<Failure> try_login(const datasource::Login& login, std::chrono::milliseconds timeout)
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
    try {
        const std::unique_ptr<sql::Connection> connection(get_driver_instance()->connect(options));
        return std::nullopt;
    } catch (const sql::SQLException& failure) {  // the connector's class, turned into ours at its border
        const int number = failure.getErrorCode();
        const std::string detail = without(printable(failure.what()), login.password);
        const Cause cause = cause_of(number);
        return Failure{cause == Cause::refused ? why_unreachable(login.host, login.port, timeout) : cause, number,
                       detail};
    }
}

}  // namespace dcm::db
