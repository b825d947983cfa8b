// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/cause.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace dcm::db {

namespace {

enum class Fixed { by_a_person, by_waiting };

struct Traits {
    std::string_view name;
    std::string_view text;             // see `explain`
    std::array<int, 12> numbers = {};  // of the server's and the client's errors
    Fixed fixed = Fixed::by_a_person;
    ExitCode code = ExitCode::unavailable;
};

// In the order of the enum.
constexpr std::array<Traits, static_cast<std::size_t>(Cause::other) + 1> k_traits{{
    {"unknown_host",
     "host name {host} does not resolve; check MYSQL_HOST and that the database container is on the same network",
     {2005},
     Fixed::by_waiting},
    {"refused",
     "connection to {server} refused; start the database there, or correct MYSQL_HOST and MYSQL_PORT",
     {2002, 2003},
     Fixed::by_waiting},
    {"timed_out",
     "no answer from {server}; check MYSQL_HOST, the network and the firewall between",
     {},
     Fixed::by_waiting},
    {"no_greeting",
     "what listens at {server} {detail}; the database behind it is not up yet, or MYSQL_PORT is not a database's",
     {},
     Fixed::by_waiting},
    // Too many connections (three), gone away, another protocol, gone (two), a malformed packet: not yet, or not at
    // all, a database; shutting down, interrupted, by a shutdown too, killed (MariaDB, MySQL).
    {"not_ready",
     "the server at {server} takes no login yet ({detail}); it is starting, stopping or full",
     {1040, 1203, 1226, 2006, 2007, 2012, 2013, 2027, 1053, 1317, 1927, 3169},
     Fixed::by_waiting},
    {"host_blocked",
     "the server at {server} does not take logins from this host ({detail}); allow it for user {user}, and after many "
     "failed attempts run FLUSH HOSTS there",
     {1129, 1130}},
    // Expired passwords are 1820 and 1862, locked accounts 3118 (MySQL) and 4151 (MariaDB).
    {"access_denied",
     "access denied for user {user} at {server}; correct MYSQL_USER or MYSQL_PASSWORD, or create the user with that "
     "password{more}",
     {1045, 1698, 1820, 1862, 3118, 4151},
     Fixed::by_a_person,
     ExitCode::no_permission},
    {"no_right",
     "user {user} has no right to database {database}{more}; run GRANT ALL ON `{schema}`.* TO that user at {server}",
     {1044, 1142, 1143, 1227},
     Fixed::by_a_person,
     ExitCode::no_permission},
    // An option prevents the statement, the transaction is read only, so is the server.
    {"read_only",
     "the server at {server} takes no writing ({detail}); name the one that is written to as MYSQL_HOST, or run SET "
     "GLOBAL read_only = OFF there",
     {1290, 1792, 1836}},
    {"unknown_database",
     "no database {database} at {server}; correct MYSQL_DATABASE, or create it and load create-mysql.sql",
     {1049}},
    {"auth_plugin",
     "user {user} logs in with an authentication plugin that is not available here ({detail}); run ALTER USER ... "
     "IDENTIFIED WITH mysql_native_password at {server}",
     {1251, 2049, 2058, 2059, 2061}},
    // The server insists on TLS: 3159 (MySQL), 4252 (MariaDB).
    {"tls",
     "no TLS connection to {server} as it is wanted ({detail}); switch TLS on there, or take requireSSL out of the "
     "datasource's URL",
     {2026, 3159, 4252}},
    {"driver", "{detail}"},
    {"schema_absent", "{detail}"},
    {"schema_partial", "{detail}"},
    {"archive_missing", "{detail}", {}, Fixed::by_a_person, ExitCode::temp_fail},
    {"wrong_database", "{detail}", {}, Fixed::by_a_person, ExitCode::temp_fail},
    {"other", "cannot log in to {server} as {user}: error {number}, {detail}", {}, Fixed::by_waiting},
}};
static_assert(!k_traits.back().name.empty(), "a cause has no row");

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

std::string more_about_denial(const Failure& failure, const std::string& password)
{
    std::string text;
    if (failure.number == 3118 || failure.number == 4151) {
        text += "; the account is locked: run ALTER USER ... ACCOUNT UNLOCK there";
    } else if (failure.number == 1820 || failure.number == 1862) {
        text += "; the password has expired: run ALTER USER ... IDENTIFIED BY ... there";
    } else if (looks_escaped(password)) {
        text += "; the password looks escaped for sed or XML: it is written plain now, without the escapes";
    }
    // For whoever comes as localhost, an anonymous user of localhost stands before a user of any host.
    if (failure.detail.find("@'localhost'") != std::string::npos) {
        text += "; if it is right, an anonymous user stands before it: run DROP USER ''@'localhost' there";
    }
    return text;
}

// `text` with a value in the place of each {name}.
std::string filled(std::string_view text, const std::map<std::string_view, std::string>& values)
{
    std::string result;
    for (;;) {
        const auto open = text.find('{');
        result.append(text.substr(0, open));
        if (open == std::string_view::npos) {
            return result;
        }
        const auto close = text.find('}', open);
        result.append(values.at(text.substr(open + 1, close - open - 1)));
        text.remove_prefix(close + 1);
    }
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
    const auto* const row = std::find_if(k_traits.begin(), k_traits.end(), [&](const Traits& candidate) {
        return number != 0 &&
               std::find(candidate.numbers.begin(), candidate.numbers.end(), number) != candidate.numbers.end();
    });
    return row == k_traits.end() ? Cause::other : static_cast<Cause>(row - k_traits.begin());
}

std::string explain(const Failure& failure, const datasource::Login& login)
{
    std::string more;
    if (failure.cause == Cause::access_denied) {
        more = more_about_denial(failure, login.password);
    } else if (failure.cause == Cause::no_right && failure.number != 1044) {
        more = ", or not enough (" + failure.detail + ")";
    }
    return filled(traits(failure.cause).text, {{"server", quoted(login.host + ":" + login.port)},
                                               {"host", quoted(login.host)},
                                               {"database", quoted(login.database)},
                                               {"schema", login.database},
                                               {"user", quoted(login.user)},
                                               {"number", std::to_string(failure.number)},
                                               {"detail", failure.detail},
                                               {"more", more}});
}

}  // namespace dcm::db
