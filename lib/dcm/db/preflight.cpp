// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/names.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/jboss_value.hpp>
#include <dcm/db/admin_password.hpp>
#include <dcm/db/archive_files.hpp>
#include <dcm/db/driver.hpp>
#include <dcm/db/other_servers.hpp>
#include <dcm/db/preflight.hpp>
#include <dcm/db/reach.hpp>
#include <dcm/db/schema.hpp>
#include <dcm/db/status_file.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>

#include <algorithm>
#include <ctime>

namespace dcm::db {

namespace {

using Warnings = std::vector<std::string>;

std::optional<Failure> check_archive(Session& session, const Checks& checks, Warnings& warnings)
{
    if (checks.archive == ArchiveCheck::off) {
        return std::nullopt;
    }
    constexpr std::chrono::seconds limit{10};
    const ArchiveFiles found = check_archive_files(session, checks.archive_directory, std::time(nullptr), limit);
    warnings.insert(warnings.end(), found.warnings.begin(), found.warnings.end());
    if (!found.failure || is_lost_connection(found.failure->cause)) {
        return found.failure;
    }
    if (checks.archive == ArchiveCheck::stop) {
        throw Error(exit_code(found.failure->cause), found.failure->detail, std::string(name(found.failure->cause)));
    }
    warnings.push_back(found.failure->detail);
    return std::nullopt;
}

// A secret that cannot be used is no reason to keep an archive down.
std::optional<std::string> admin_password(Warnings& warnings)
{
    const std::string variable = "DCM_ADMIN_PASSWORD_FILE";
    const auto path = sys::env(variable);
    try {
        auto password = path ? std::optional(sys::read_secret_file(*path, variable)) : std::nullopt;
        if (password && password->empty()) {
            throw Error(ExitCode::config, variable + ": " + quoted(*path) + " is empty; write the password into it");
        }
        if (const auto reason = password ? datasource::why_impossible(*password) : std::nullopt) {
            throw Error(ExitCode::config,
                        variable + ": the password cannot be used: " + *reason + "; choose another password");
        }
        return password;
    } catch (const Error& failure) {
        warnings.emplace_back(failure.what());
        return std::nullopt;
    }
}

std::optional<Failure> check_passwords(Session& session, const Checks& checks, Warnings& warnings, const Notify& notify)
{
    const auto users = checks.passwords ? users_with_shipped_password(session) : std::vector<std::string>{};
    const auto password = users.empty() ? std::nullopt : admin_password(warnings);
    for (const auto& user : users) {
        const std::string subject = "the web user " + quoted(user);
        const auto failure = password ? replace_shipped_password(session, user, *password) : std::nullopt;
        if (failure && is_lost_connection(failure->cause)) {
            return failure;
        }
        if (password && !failure) {
            notify({Level::info,
                    subject + " had the shipped password, now it has the one of DCM_ADMIN_PASSWORD_FILE",
                    {}});
        } else {
            warnings.push_back(subject + " has the password that everybody knows" +
                               (failure ? ", and it cannot be set (" + failure->detail +
                                              "); grant this login UPDATE on the table users"
                                        : "; change it in the web page, or set DCM_ADMIN_PASSWORD_FILE"));
        }
    }
    return std::nullopt;
}

std::optional<Failure> check_driver_in(const Checks& checks, Session& session, const datasource::Login& login)
{
    if (!login.by_mysql_driver) {
        return std::nullopt;
    }
    try {
        const auto driver = find_driver(checks.server_directory + "/lib");
        auto failure = driver ? check_driver(session, *driver) : std::nullopt;
        if (driver && !failure) {
            failure = check_tls(*driver, login.encryption);
        }
        if (driver && !failure) {
            failure = check_generated_keys(*driver, checks.server_directory + "/conf");
        }
        return failure;
    } catch (const Error& failure) {  // a file that cannot be read is the driver's affair, not the wait's
        return Failure{Cause::driver, 0, failure.what()};
    }
}

// Nodes of one database with one number take what is in the other's queues for their own. Which number the other has is
// nowhere to be read.
void look_for_other_servers(Session& session, const Checks& checks, Warnings& warnings, const Notify& notify)
{
    const auto number = sys::env("DCM_SERVER_PEER_ID");
    for (const auto& address : checks.other_servers ? other_servers(session) : std::vector<std::string>{}) {
        const std::string found = "another server, at " + quoted(address) + ", uses this database by the same login";
        if (number) {
            notify({Level::info,
                    found + "; this is node " + printable(*number) + ", and each needs a number of its own",
                    {}});
        } else {
            warnings.push_back(found +
                               "; if it is an archive, give each of the two a DCM_SERVER_PEER_ID of its own, or "
                               "forwarded images get lost between them");
        }
    }
}

// What ends the attempt; `warnings` are what does not.
std::optional<Failure> inspect(Session& session, const Checks& checks, const datasource::Login& login,
                               Warnings& warnings, const Notify& notify)
{
    const auto ends = [&](const std::optional<Failure>& failure) {
        if (failure && checks.purpose == Purpose::start && !is_lost_connection(failure->cause)) {
            warnings.push_back(explain(*failure, login));
            return false;
        }
        return failure.has_value();
    };
    if (auto failure = checks.schema ? check_schema(session, login.database) : std::nullopt; ends(failure)) {
        return failure;
    }
    if (auto failure = check_driver_in(checks, session, login); ends(failure)) {
        return failure;
    }
    if (auto failure = check_archive(session, checks, warnings)) {
        return failure;
    }
    look_for_other_servers(session, checks, warnings, notify);
    return check_passwords(session, checks, warnings, notify);
}

class Preflight {
public:
    Preflight(const Checks& checks, const std::string& status_file, const Notify& notify)
        : m_checks(checks), m_notify(notify), m_file(status_file, notify)
    {
    }

    Attempt attempt(const datasource::Login& login, std::chrono::milliseconds answer)
    {
        if (!login.domain.empty()) {
            return greeted(login, answer);
        }
        Opened opened = m_prober.attempt(login, answer);
        if (const auto* const failure = std::get_if<Failure>(&opened)) {
            return {*failure, login};
        }
        Warnings warnings;
        try {
            const auto failure =
                inspect(*std::get<std::unique_ptr<Session>>(opened), m_checks, login, warnings, m_notify);
            warn(warnings);
            return {failure, login};
        } catch (const Error&) {
            warn(warnings);  // what came before it is as true
            throw;
        }
    }

    // What `wait` says goes to the file too.
    void say(const Notice& notice)
    {
        m_notify(notice);
        const auto cause = std::find_if(notice.fields.begin(), notice.fields.end(),
                                        [](const auto& field) { return field.first == "cause"; });
        if (cause != notice.fields.end()) {
            m_file.write({State::waiting, std::get<std::string>(cause->second), notice.message, m_warnings});
        }
    }

    void is_up() { m_file.write({State::up, {}, {}, m_warnings}); }

    void has_failed(const Error& failure)
    {
        m_file.write({State::failed, failure.cause(), failure.what(), m_warnings});
    }

private:
    // Of a login that only the server can read.
    Attempt greeted(const datasource::Login& login, std::chrono::milliseconds answer)
    {
        const auto failure = why_unreachable(login.host, login.port, answer);
        if (!failure) {
            warn({"the login is in the security domain " + quoted(login.domain) +
                  ", which only the server can read: the database greets, nothing else was checked; set MYSQL_USER and "
                  "MYSQL_PASSWORD to have that checked too"});
        }
        return {failure, login};
    }

    void warn(const Warnings& warnings)
    {
        for (const auto& warning : warnings) {
            if (std::find(m_warnings.begin(), m_warnings.end(), warning) == m_warnings.end()) {
                m_notify({Level::warning, warning, {}, true});  // the status file keeps it
            }
        }
        m_warnings = warnings;
    }

    const Checks& m_checks;
    const Notify& m_notify;
    StatusFile m_file;
    Prober m_prober;
    Warnings m_warnings;
};

}  // namespace

std::optional<ArchiveCheck> parse_archive_check(const std::string& text)
{
    constexpr auto names = names_up_to<ArchiveCheck::stop>("off", "warn", "stop");
    return find_in<ArchiveCheck>(names, text);
}

void wait_for_database(const std::function<datasource::Login()>& login, const Checks& checks, const WaitPolicy& policy,
                       const std::string& status_file, Clock& clock, const Notify& notify)
{
    if (policy.timeout) {
        limit_name_lookup(*policy.timeout);
    }
    Preflight preflight(checks, status_file, notify);
    try {
        wait([&](std::chrono::milliseconds answer) { return preflight.attempt(login(), answer); }, policy, clock,
             [&](const Notice& notice) { preflight.say(notice); });
    } catch (const Error& failure) {  // thrown on: the file keeps what ended the wait
        preflight.has_failed(failure);
        throw;
    }
    preflight.is_up();
}

}  // namespace dcm::db
