// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/cause.hpp>

#include <array>

namespace dcm::db {

std::string_view name(Cause cause)
{
    static constexpr std::array<std::string_view, 11> names{
        "unknown_host", "refused",          "timed_out",   "not_ready", "host_blocked", "access_denied",
        "no_right",     "unknown_database", "auth_plugin", "tls",       "other"};
    return names.at(static_cast<std::size_t>(cause));
}

bool needs_a_person(Cause cause)
{
    return cause == Cause::access_denied || cause == Cause::no_right || cause == Cause::unknown_database ||
           cause == Cause::auth_plugin || cause == Cause::tls || cause == Cause::host_blocked;
}

bool is_unreachable(Cause cause)
{
    return cause == Cause::unknown_host || cause == Cause::refused || cause == Cause::timed_out;
}

ExitCode exit_code(Cause cause)
{
    switch (cause) {
    case Cause::access_denied:
    case Cause::no_right:
        return ExitCode::no_permission;
    default:
        return ExitCode::unavailable;
    }
}

Cause cause_of(int number)
{
    switch (number) {
    case 1040:  // too many connections
    case 1203:
    case 1226:
    case 2006:  // gone away
    case 2012:
    case 2013:  // lost during the handshake
    case 2027:  // malformed packet: not yet, or not at all, a database
    case 1053:  // shutting down
    case 1927:
        return Cause::not_ready;
    case 1129:
    case 1130:
        return Cause::host_blocked;
    case 1045:
    case 1698:
    case 1862:
    case 3118:
        return Cause::access_denied;
    case 1044:
    case 1142:
        return Cause::no_right;
    case 1049:
        return Cause::unknown_database;
    case 1251:
    case 2049:
    case 2058:
    case 2059:
    case 2061:
        return Cause::auth_plugin;
    case 2026:
        return Cause::tls;
    case 2005:
        return Cause::unknown_host;
    case 2002:
    case 2003:
        return Cause::refused;
    default:
        return Cause::other;
    }
}

std::string explain(const Failure& failure, const datasource::Login& login)
{
    const std::string server = quoted(login.host + ":" + login.port);
    const std::string database = quoted(login.database);
    const std::string user = quoted(login.user);
    switch (failure.cause) {
    case Cause::unknown_host:
        return "host name " + quoted(login.host) +
               " does not resolve; check MYSQL_HOST and that the database container is "
               "on the same network";
    case Cause::refused:
        return "connection to " + server + " refused; start the database there, or mend MYSQL_HOST and MYSQL_PORT";
    case Cause::timed_out:
        return "no answer from " + server + "; check MYSQL_HOST, the network and the firewall between";
    case Cause::not_ready:
        return "the server at " + server + " takes no login yet (" + failure.detail +
               "); it is starting, stopping or full";
    case Cause::host_blocked:
        return "the server at " + server + " does not take logins from this host (" + failure.detail +
               "); allow it for user " + user + ", and after many failed attempts run FLUSH HOSTS there";
    case Cause::access_denied:
        return "access denied for user " + user + " at " + server +
               "; mend MYSQL_USER or MYSQL_PASSWORD, or create the user with that password";
    case Cause::no_right:
        return "user " + user + " has no right to database " + database + "; run GRANT ALL ON `" + login.database +
               "`.* TO that user at " + server;
    case Cause::unknown_database:
        return "no database " + database + " at " + server +
               "; mend MYSQL_DATABASE, or create it and load create-mysql.sql";
    case Cause::auth_plugin:
        return "user " + user + " logs in with an authentication plugin that is not available here (" + failure.detail +
               "); run ALTER USER ... IDENTIFIED WITH mysql_native_password at " + server;
    case Cause::tls:
        return "no TLS connection to " + server + " (" + failure.detail + "); mend the certificates or the TLS setting";
    case Cause::other:
        break;
    }
    return "cannot log in to " + server + " as " + user + ": error " + std::to_string(failure.number) + ", " +
           failure.detail;
}

}  // namespace dcm::db
