// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/environment.hpp>
#include <dcm/sys/env.hpp>

#include <utility>

namespace dcm::db {

using std::chrono::milliseconds;

milliseconds retry_interval(const Notify& notify)
{
    constexpr std::chrono::seconds fallback{30};
    const std::string name = sys::env("MYSQL_CONNECT_RETRY") ? "MYSQL_CONNECT_RETRY" : "MYSQL_RETRY_CONNECT";
    const auto text = sys::env(name).value_or("30");
    const auto interval = parse_duration(text);
    if (!interval || *interval < milliseconds(1)) {
        notify({Level::warning, name + ": " + quoted(text) + " is not a time such as 30 or 2m, ignoring; 30 s", {}});
        return fallback;
    }
    return *interval;
}

ArchiveCheck archive_check(const Notify& notify)
{
    const auto text = sys::env("DCM_ARCHIVE_CHECK").value_or("stop");
    const auto check = parse_archive_check(text);
    if (!check) {
        notify(
            {Level::warning, "DCM_ARCHIVE_CHECK: " + quoted(text) + " is not stop, warn or off, ignoring; stop", {}});
    }
    return check.value_or(ArchiveCheck::stop);
}

Access access_of(const std::string& file, const std::string& jndi, const Notify& notify)
{
    using datasource::TlsMode;
    auto login = file.empty() ? datasource::login_from_environment(notify) : datasource::login_from_file(file, jndi);
    const datasource::Tls asked = datasource::tls_from_environment();
    if (asked.mode) {
        return {std::move(login), *asked.mode, asked.ca};
    }
    // The driver checks certificates against a Java key store, which is of no use here.
    const auto of_url = datasource::tls_of_jdbc(login.parameters).mode.value_or(TlsMode::disabled);
    return {std::move(login), datasource::verifies(of_url) ? TlsMode::required : of_url, {}};
}

}  // namespace dcm::db
