// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/datasource/document.hpp>
#include <dcm/datasource/login.hpp>
#include <dcm/datasource/settings.hpp>

#include <string>
#include <vector>

namespace dcm::datasource {

// A datasource file with settings in it, every other byte as it was; nothing to write when there are no changes.
struct Edit {
    std::string text;
    std::vector<Change> changes;
};

// The settings in the datasource `jndi_name` of `text`. What the settings cannot do there is a notice. Throws
// Error(config) for a URL of another database; and what `Document`, `parse_jdbc_url` and `check` throw.
Edit apply(const std::string& text, const std::string& origin, const std::string& jndi_name, const Settings& settings,
           const Notify& notify);

// A line "ELEMENT: OLD -> NEW" for each change, secrets as ***.
std::string show(const std::vector<Change>& changes);

// Replace the file `path` by the edit, with a notice. It keeps its owner and gets mode 0640 or what is stricter, as it
// holds a password. Throws what write_file_atomically throws; but where nothing changes but the connection checker,
// which the archive can do without, that is a warning, and false.
bool write(const std::string& path, const Edit& edit, const Notify& notify);

// The login that the file `path` gives once the settings are in it (`complete_login`); where there is no such file,
// `login_of` them.
Login resolve(const std::string& path, const std::string& jndi_name, const Settings& settings);

}  // namespace dcm::datasource
