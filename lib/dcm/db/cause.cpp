// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/cause.hpp>

#include <array>

namespace dcm::db {

namespace {

enum class Fixed { by_waiting, by_a_person };

struct Traits {
    std::string_view name;
    Fixed fixed;
    ExitCode code;
};

// In the order of the enum.
constexpr std::array<Traits, 18> k_traits{{
    {"unknown_host", Fixed::by_waiting, ExitCode::unavailable},
    {"refused", Fixed::by_waiting, ExitCode::unavailable},
    {"timed_out", Fixed::by_waiting, ExitCode::unavailable},
    {"no_greeting", Fixed::by_waiting, ExitCode::unavailable},
    {"not_ready", Fixed::by_waiting, ExitCode::unavailable},
    {"host_blocked", Fixed::by_a_person, ExitCode::unavailable},
    {"access_denied", Fixed::by_a_person, ExitCode::no_permission},
    {"no_right", Fixed::by_a_person, ExitCode::no_permission},
    {"read_only", Fixed::by_a_person, ExitCode::unavailable},
    {"unknown_database", Fixed::by_a_person, ExitCode::unavailable},
    {"auth_plugin", Fixed::by_a_person, ExitCode::unavailable},
    {"tls", Fixed::by_a_person, ExitCode::unavailable},
    {"driver", Fixed::by_a_person, ExitCode::unavailable},
    {"schema_absent", Fixed::by_a_person, ExitCode::unavailable},
    {"schema_partial", Fixed::by_a_person, ExitCode::unavailable},
    {"archive_missing", Fixed::by_a_person, ExitCode::temp_fail},
    {"wrong_database", Fixed::by_a_person, ExitCode::temp_fail},
    {"other", Fixed::by_waiting, ExitCode::unavailable},
}};

const Traits& traits(Cause cause) { return k_traits.at(static_cast<std::size_t>(cause)); }

// The original image wrote the password with sed, so sites learned to escape it.
bool looks_escaped(const std::string& password)
{
    for (const auto* const escape : {"\\&", "\\|", "\\/", "&amp;", "&lt;", "&gt;"}) {
        if (password.find(escape) != std::string::npos) {
            return true;
        }
    }
    return false;
}

std::string explain_denied(const Failure& failure, const datasource::Login& login)
{
    const std::string server = quoted(login.host + ":" + login.port);
    std::string text = "access denied for user " + quoted(login.user) + " at " + server +
                       "; correct MYSQL_USER or MYSQL_PASSWORD, or create the user with that password";
    if (failure.number == 3118 || failure.number == 4151) {
        text += "; the account is locked: run ALTER USER ... ACCOUNT UNLOCK there";
    } else if (failure.number == 1820 || failure.number == 1862) {
        text += "; the password has expired: run ALTER USER ... IDENTIFIED BY ... there";
    } else if (looks_escaped(login.password)) {
        text += "; the password looks escaped for sed or XML: it is written plain now, without the escapes";
    }
    // For whoever comes as localhost, an anonymous user of localhost stands before a user of any host.
    if (failure.detail.find("@'localhost'") != std::string::npos) {
        text += "; if it is right, an anonymous user stands before it: run DROP USER ''@'localhost' there";
    }
    return text;
}

}  // namespace

std::string_view name(Cause cause) { return traits(cause).name; }

bool needs_a_person(Cause cause) { return traits(cause).fixed == Fixed::by_a_person; }

bool is_unreachable(Cause cause)
{
    return cause == Cause::unknown_host || cause == Cause::refused || cause == Cause::timed_out ||
           cause == Cause::no_greeting;
}

bool is_lost_connection(Cause cause) { return is_unreachable(cause) || cause == Cause::not_ready; }

ExitCode exit_code(Cause cause) { return traits(cause).code; }

Cause cause_of(int number)
{
    switch (number) {
    case 1040:  // too many connections
    case 1203:
    case 1226:
    case 2006:  // gone away
    case 2007:  // another protocol
    case 2012:
    case 2013:  // lost during the handshake
    case 2027:  // malformed packet: not yet, or not at all, a database
    case 1053:  // shutting down
    case 1317:  // interrupted, by a shutdown too
    case 1927:  // killed: MariaDB, MySQL
    case 3169:
        return Cause::not_ready;
    case 1129:
    case 1130:
        return Cause::host_blocked;
    case 1045:
    case 1698:
    case 1820:  // the password has expired
    case 1862:
    case 3118:  // the account is locked: MySQL, MariaDB
    case 4151:
        return Cause::access_denied;
    case 1044:
    case 1142:
    case 1143:
    case 1227:
        return Cause::no_right;
    case 1290:  // an option prevents the statement: read_only, super_read_only
    case 1792:  // the transaction is read only
    case 1836:
        return Cause::read_only;
    case 1049:
        return Cause::unknown_database;
    case 1251:
    case 2049:
    case 2058:
    case 2059:
    case 2061:
        return Cause::auth_plugin;
    case 2026:
    case 3159:  // the server insists on TLS: MySQL, MariaDB
    case 4252:
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
        return "connection to " + server + " refused; start the database there, or correct MYSQL_HOST and MYSQL_PORT";
    case Cause::timed_out:
        return "no answer from " + server + "; check MYSQL_HOST, the network and the firewall between";
    case Cause::no_greeting:
        return "what listens at " + server + " " + failure.detail +
               "; the database behind it is not up yet, or MYSQL_PORT is not a database's";
    case Cause::not_ready:
        return "the server at " + server + " takes no login yet (" + failure.detail +
               "); it is starting, stopping or full";
    case Cause::host_blocked:
        return "the server at " + server + " does not take logins from this host (" + failure.detail +
               "); allow it for user " + user + ", and after many failed attempts run FLUSH HOSTS there";
    case Cause::access_denied:
        return explain_denied(failure, login);
    case Cause::no_right:
        return "user " + user + " has no right to database " + database +
               (failure.number == 1044 ? "" : ", or not enough (" + failure.detail + ")") + "; run GRANT ALL ON `" +
               login.database + "`.* TO that user at " + server;
    case Cause::read_only:
        return "the server at " + server + " takes no writing (" + failure.detail +
               "); name the one that is written to as MYSQL_HOST, or run SET GLOBAL read_only = OFF there";
    case Cause::unknown_database:
        return "no database " + database + " at " + server +
               "; correct MYSQL_DATABASE, or create it and load create-mysql.sql";
    case Cause::auth_plugin:
        return "user " + user + " logs in with an authentication plugin that is not available here (" + failure.detail +
               "); run ALTER USER ... IDENTIFIED WITH mysql_native_password at " + server;
    case Cause::tls:
        return "no TLS connection to " + server + " as it is wanted (" + failure.detail +
               "); switch TLS on there, or take requireSSL out of the datasource's URL";
    case Cause::driver:
    case Cause::schema_absent:
    case Cause::schema_partial:
    case Cause::archive_missing:
    case Cause::wrong_database:
        return failure.detail;
    case Cause::other:
        break;
    }
    return "cannot log in to " + server + " as " + user + ": error " + std::to_string(failure.number) + ", " +
           failure.detail;
}

}  // namespace dcm::db
