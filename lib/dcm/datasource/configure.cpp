// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/configure.hpp>
#include <dcm/datasource/diff.hpp>
#include <dcm/datasource/document.hpp>
#include <dcm/datasource/jdbc_url.hpp>
#include <dcm/datasource/redact.hpp>
#include <dcm/datasource/trust_store.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/file.hpp>

#include <sys/stat.h>
#include <unistd.h>

namespace dcm::datasource {

namespace {

constexpr const char* k_mysql_checker = "org.jboss.resource.adapter.jdbc.vendor.MySQLValidConnectionChecker";

// The driver prefers what the URL says about user and password.
void refuse_login_in_url(const std::string& url, const Settings& settings, const std::string& origin)
{
    const auto question = url.find('?');
    const std::string parameters = question == std::string::npos ? "" : url.substr(question + 1);
    const auto refuse = [&](const char* name, const std::optional<std::string>& wanted, const std::string& element) {
        const auto standing = jdbc_parameter(parameters, name);
        if (wanted && standing && standing != wanted) {
            throw Error(ExitCode::data_error, quoted(origin) + ": the parameter '" + name +
                                                  "' of <connection-url> wins over <" + element +
                                                  ">; remove it from the URL");
        }
    };
    refuse("user", settings.user, "user-name");
    refuse("password", settings.password, "password");
}

void edit_url(Document& document, const std::string& origin, const Settings& settings, const std::string& trust_store)
{
    const auto standing = document.value("connection-url");
    if (standing) {
        check_scheme(*standing);
        refuse_login_in_url(*standing, settings, origin);
    }
    if (!settings.host && !settings.port && !settings.database && settings.parameters.empty() && !settings.tls.mode) {
        return;
    }
    if (ends_with(document.kind(), "xa-datasource")) {
        throw Error(ExitCode::data_error, quoted(origin) + ": an <" + document.kind() +
                                              "> has no <connection-url> to change; use a <local-tx-datasource>");
    }
    JdbcUrl url = standing ? parse_jdbc_url(*standing) : JdbcUrl{};
    const std::string before = standing ? url.str() : "";
    url.host = settings.host.value_or(url.host);
    url.port = settings.port.value_or(url.port);
    url.database = settings.database.value_or(url.database);
    url.parameters = with_tls(url.parameters, settings.tls, trust_store);
    for (const auto& parameter : settings.parameters) {
        url.parameters = with_jdbc_parameter(url.parameters, parameter.name, parameter.value);
    }
    if (url.str() != before) {
        document.set_value("connection-url", url.str());
    }
}

void edit_login(Document& document, const std::string& origin, const Settings& settings, const Notify& notify)
{
    const bool elsewhere = document.has("security-domain") || document.has("security-domain-and-application");
    if (elsewhere && (settings.user || settings.password)) {
        notify({Level::warning,
                quoted(origin) + " takes user and password from a security domain (conf/login-config.xml), ignoring "
                                 "MYSQL_USER and MYSQL_PASSWORD",
                {}});
        return;
    }
    if (settings.user) {
        document.set_value("user-name", *settings.user);
    }
    if (settings.password) {
        document.set_value("password", *settings.password);
    }
}

// The size that will count: the setting, what stands in the file, JBoss's default.
std::uint64_t pool_size(const Document& document, const char* element, const std::optional<std::uint64_t>& wanted,
                        std::uint64_t by_default)
{
    constexpr std::uint64_t any = ~std::uint64_t{0};
    return wanted ? *wanted : parse_unsigned(document.value(element).value_or(""), 0, any).value_or(by_default);
}

void edit_pool(Document& document, const Settings& settings)
{
    if (!settings.pool_min && !settings.pool_max) {
        return;
    }
    const auto smallest = pool_size(document, "min-pool-size", settings.pool_min, 0);
    const auto largest = pool_size(document, "max-pool-size", settings.pool_max, 20);
    if (smallest > largest) {
        throw Error(ExitCode::config, "the pool's smallest size " + std::to_string(smallest) +
                                          " is above its largest, " + std::to_string(largest) +
                                          "; set both MYSQL_POOL_MIN and MYSQL_POOL_MAX");
    }
    if (settings.pool_min) {
        document.set_value("min-pool-size", std::to_string(*settings.pool_min));
    }
    if (settings.pool_max) {
        document.set_value("max-pool-size", std::to_string(*settings.pool_max));
    }
}

// A site's own way of testing connections stays.
void edit_checker(Document& document, const Settings& settings)
{
    const char* const element = "valid-connection-checker-class-name";
    const bool has_its_own =
        document.has("check-valid-connection-sql") || !document.value(element).value_or("").empty();
    if (settings.checker == Checker::enabled && !has_its_own) {
        document.set_value(element, k_mysql_checker);
    }
}

}  // namespace

std::string apply(const std::string& text, const std::string& origin, const std::string& jndi_name,
                  const Settings& settings, const std::string& trust_store, const Notify& notify)
{
    check(settings);
    Document document(text, origin, jndi_name);
    edit_url(document, origin, settings, trust_store);
    edit_login(document, origin, settings, notify);
    edit_pool(document, settings);
    edit_checker(document, settings);
    return document.text();
}

Files files_of(const std::string& home)
{
    const std::string server = home + "/server/default";
    return {server, server + "/deploy/pacs-mysql-ds.xml", server + "/.dcm/database-ca.jks"};
}

Plan plan(const Files& files, const Settings& settings, const Notify& notify)
{
    Plan plan;
    plan.before = read_datasource_file(files.datasource);
    plan.after = apply(plan.before, files.datasource, files.jndi_name, settings, files.trust_store, notify);
    if (!settings.tls.ca.empty()) {
        auto store = trust_store_of(settings.tls.ca);
        if (sys::read_file(files.trust_store) != store) {
            plan.trust_store = std::move(store);
        }
    }
    if (settings.tls.mode == TlsMode::verify_identity) {
        notify({Level::warning,
                "MYSQL_TLS_MODE is 'verify-identity', but the JDBC driver compares no names: the server checks the "
                "database's certificate as with verify-ca, dcm-wait-db also the name in it",
                {}});
    }
    return plan;
}

std::string show(const Plan& plan, const Files& files)
{
    auto secrets = secrets_in(plan.before);
    const auto of_new = secrets_in(plan.after);
    secrets.insert(secrets.end(), of_new.begin(), of_new.end());
    std::string text = unified_diff({plan.before, redact(plan.before, secrets)},
                                    {plan.after, redact(plan.after, secrets)}, files.datasource);
    if (plan.trust_store) {
        text += "Binary file " + printable(files.trust_store) + " differs\n";
    }
    return text;
}

void carry_out(const Plan& plan, const Files& files, const Notify& notify)
{
    if (plan.trust_store) {
        sys::write_file_atomically(files.trust_store, *plan.trust_store);
        notify({Level::info, "updated " + quoted(files.trust_store), {}});
    }
    if (plan.before != plan.after) {
        constexpr mode_t no_others = 0640;
        struct stat status {};
        sys::Ownership ownership;
        ownership.mode = stat(files.datasource.c_str(), &status) == 0 ? status.st_mode & no_others : no_others;
        // Not beside the file: JBoss's deployment scanner would look at it. `.dcm` is on the same volume.
        const std::string own = files.server + "/.dcm";
        const bool on_volume = starts_with(files.datasource, files.server + "/") && access(own.c_str(), W_OK) == 0;
        sys::write_file_atomically(files.datasource, plan.after, ownership, on_volume ? own : "");
        notify({Level::info, "updated " + quoted(files.datasource), {}});
    }
}

}  // namespace dcm::datasource
