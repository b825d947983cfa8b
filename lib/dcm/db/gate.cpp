// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/admin_password.hpp>
#include <dcm/db/archive_files.hpp>
#include <dcm/db/driver.hpp>
#include <dcm/db/gate.hpp>
#include <dcm/db/reach.hpp>
#include <dcm/db/schema.hpp>
#include <dcm/db/status_file.hpp>
#include <dcm/sys/file.hpp>

#include <algorithm>

namespace dcm::db {

namespace {

// One pass of the checks over a session: a failure that ends the pass, and what is only worth a warning.
class Inspection {
public:
    Inspection(Session& session, const Checks& checks, const Notify& notify)
        : m_session(session), m_checks(checks), m_notify(notify)
    {
    }

    // nullopt: nothing stands in the way.
    std::optional<Failure> run(const datasource::Login& login)
    {
        for (const auto step :
             {&Inspection::schema, &Inspection::driver, &Inspection::archive, &Inspection::settings}) {
            auto failure = (this->*step)(login);
            if (failure && (is_lost_connection(failure->cause) || m_checks.strictness == Strictness::wait)) {
                return failure;
            }
            if (failure) {
                warnings.push_back(explain(*failure, login));
            }
        }
        return std::nullopt;
    }

    std::vector<std::string> warnings;

private:
    std::optional<Failure> schema(const datasource::Login& login)
    {
        return m_checks.schema ? check_schema(m_session, login.database) : std::nullopt;
    }

    std::optional<Failure> driver(const datasource::Login& login)
    {
        const auto found = m_checks.driver ? find_driver(m_checks.server_directory + "/lib") : std::nullopt;
        if (!found) {
            return std::nullopt;
        }
        auto failure = check_driver(m_session, *found);
        if (!failure) {
            failure = check_tls(*found, login.parameters);
        }
        return failure ? failure : check_generated_keys(*found, m_checks.server_directory + "/conf");
    }

    std::optional<Failure> archive(const datasource::Login& /*login*/)
    {
        if (m_checks.archive == ArchiveCheck::off) {
            return std::nullopt;
        }
        const ArchiveFiles found = check_archive_files(m_session, sys::parent_directory(m_checks.archive_directory));
        if (!found.warning.empty()) {
            warnings.push_back(found.warning);
        }
        if (!found.failure || is_lost_connection(found.failure->cause)) {
            return found.failure;
        }
        if (m_checks.archive == ArchiveCheck::stop) {
            throw Error(exit_code(found.failure->cause), found.failure->detail,
                        std::string(name(found.failure->cause)));
        }
        warnings.push_back(found.failure->detail);
        return std::nullopt;
    }

    std::optional<Failure> settings(const datasource::Login& /*login*/)
    {
        if (!m_checks.settings) {
            return std::nullopt;
        }
        try {
            return set_admin_password();
        } catch (const Error& failure) {  // a secret or a file that is not there: no reason to keep an archive down
            if (m_checks.strictness == Strictness::wait) {
                throw;
            }
            warnings.emplace_back(failure.what());
            return std::nullopt;
        }
    }

    std::optional<Failure> set_admin_password()
    {
        const auto password = admin_password_from_environment();
        if (!password) {
            if (m_checks.strictness == Strictness::warn && has_shipped_admin_password(m_session)) {
                warnings.emplace_back("the web user 'admin' has the password that everybody knows, which opens the web "
                                      "page and /jmx-console/; change it there, or set DCM_ADMIN_PASSWORD_FILE");
            }
            return std::nullopt;
        }
        auto failure =
            apply_admin_password(m_session, *password, m_checks.server_directory + "/.dcm/admin-password", m_notify);
        if (!failure || is_lost_connection(failure->cause)) {
            return failure;
        }
        return Failure{Cause::settings, failure->number,
                       "cannot set the password of the web user 'admin': " + failure->detail +
                           "; load the schema, or grant this user UPDATE on the table users"};
    }

    Session& m_session;
    const Checks& m_checks;
    const Notify& m_notify;
};

class Gate {
public:
    Gate(const std::function<Access()>& access, const Checks& checks, const std::string& status_file,
         const Notify& notify)
        : m_access(access), m_checks(checks), m_notify(notify), m_file(status_file, notify)
    {
    }

    Attempt attempt(std::chrono::milliseconds answer)
    {
        const Access access = m_access();
        Opened opened = m_prober.attempt(access, answer);
        if (const auto* const failure = std::get_if<Failure>(&opened)) {
            return {*failure, access.login};
        }
        Inspection inspection(*std::get<std::unique_ptr<Session>>(opened), m_checks, m_notify);
        try {
            const auto failure = inspection.run(access.login);
            warn(inspection.warnings);
            return {failure, access.login};
        } catch (const Error&) {
            warn(inspection.warnings);  // what came before it is as true
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
    void warn(const std::vector<std::string>& warnings)
    {
        for (const auto& warning : warnings) {
            if (std::find(m_warnings.begin(), m_warnings.end(), warning) == m_warnings.end()) {
                m_notify({Level::warning, warning, {}, true});  // the status file keeps it
            }
        }
        m_warnings = warnings;
    }

    const std::function<Access()>& m_access;
    const Checks& m_checks;
    const Notify& m_notify;
    StatusFile m_file;
    Prober m_prober;
    std::vector<std::string> m_warnings;
};

}  // namespace

std::optional<ArchiveCheck> parse_archive_check(const std::string& text)
{
    if (text == "off") {
        return ArchiveCheck::off;
    }
    if (text == "warn") {
        return ArchiveCheck::warn;
    }
    return text == "stop" ? std::optional(ArchiveCheck::stop) : std::nullopt;
}

void wait_for_database(const std::function<Access()>& access, const Checks& checks, const WaitPolicy& policy,
                       const std::string& status_file, Clock& clock, const Notify& notify)
{
    if (policy.timeout) {
        limit_name_lookup(*policy.timeout);
    }
    Gate gate(access, checks, status_file, notify);
    try {
        wait([&](std::chrono::milliseconds answer) { return gate.attempt(answer); }, policy, clock,
             [&](const Notice& notice) { gate.say(notice); });
    } catch (const Error& failure) {  // thrown on: the file keeps what ended the wait
        gate.has_failed(failure);
        throw;
    }
    gate.is_up();
}

}  // namespace dcm::db
