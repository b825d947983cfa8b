// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/cli/run.hpp>

// The command line of dcm-wait-db.
inline const dcm::cli::Spec k_spec{
    "dcm-wait-db",
    "Wait until the database takes the login that stands in the datasource file.",
    {{"", "", "Which login"},
     {"datasource", "FILE", "default: $DCM4CHEE_HOME/server/default/deploy/pacs-mysql-ds.xml"},
     {"jndi", "NAME", "jndi-name of the datasource in that file", "", "pacsDS"},
     {"from-env", "", "try the login of the MYSQL_* variables instead of the file's"},
     {"", "", "How long"},
     {"interval", "DURATION", "time between login attempts, in seconds or with a unit",
      "MYSQL_CONNECT_RETRY MYSQL_RETRY_CONNECT", "30"},
     {"timeout", "DURATION", "give up after it (default: never)"},
     {"once", "", "try once"},
     {"fail-fast", "", "end at once on what only a person can fix: a wrong password, no such database"},
     {"", "", "What is looked at after the login"},
     {"require-schema", "", "wait for the archive's tables and first rows too"},
     {"check-archive", "DIR", "end with 75 when database and files in DIR do not belong together"},
     {"archive-check", "WHAT", "what that does: stop, warn or off", "DCM_ARCHIVE_CHECK", "stop"},
     {"preflight", "", "all of these as the start of an archive needs them: schema and driver are warnings"},
     {"status-file", "FILE", "keep the state there, as JSON (default with --preflight: /run/dcm/db.json)"}},
    "dcm-wait-db --timeout 2m -- echo the database is up"};
