// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/datasource/settings.hpp>

#include <optional>
#include <string>

namespace dcm::datasource {

// `text` with the settings in its datasource `jndi_name`, every other byte as it was. `trust_store` is the path that
// the URL gets for a CA. What the settings cannot do there is a notice. Throws Error(config) for a URL of another
// database and for sizes of the pool that do not fit; and what `Document`, `parse_jdbc_url` and `check` throw.
std::string apply(const std::string& text, const std::string& origin, const std::string& jndi_name,
                  const Settings& settings, const std::string& trust_store, const Notify& notify);

// Where dcm-configure-db works.
struct Files {
    std::string server;       // server/default
    std::string datasource;   // a *-ds.xml file
    std::string trust_store;  // Java key store that gets the CA of MYSQL_TLS_CA, which is PEM
    std::string jndi_name = "pacsDS";
};

// Those of the server with root `home`.
Files files_of(const std::string& home);

// What has to be written.
struct Plan {
    std::string before;
    std::string after;
    std::optional<std::string> trust_store;  // content, when it is not there yet

    bool is_empty() const { return before == after && !trust_store; }
};

// Reads, changes nothing. Throws what `apply` throws, Error(no_input) when a file is missing, Error(data_error) for a
// CA that is no certificate.
Plan plan(const Files& files, const Settings& settings, const Notify& notify);

// The plan as a unified diff, secrets as ***; empty when there is nothing to do.
std::string show(const Plan& plan, const Files& files);

// Write it, with a notice. The datasource keeps its owner and gets mode 0640 or what is stricter, as it holds a
// password.
void carry_out(const Plan& plan, const Files& files, const Notify& notify);

}  // namespace dcm::datasource
