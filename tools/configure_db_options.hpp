// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/cli/run.hpp>

// The command line of dcm-configure-db.
inline const dcm::cli::Spec k_spec{
    "dcm-configure-db",
    "Write the database's address and login into the datasource file; what is not given stays as it is there.",
    {{"", "", "What is written"},
     {"datasource", "FILE", "default: $DCM4CHEE_HOME/server/default/deploy/pacs-mysql-ds.xml"},
     {"jndi", "NAME", "jndi-name of the datasource in that file", "", "pacsDS"},
     {"host", "HOST", "name or IPv4 address of the database server", "MYSQL_HOST"},
     {"port", "PORT", "its port", "MYSQL_PORT"},
     {"database", "NAME", "name of the database", "MYSQL_DATABASE"},
     {"user", "NAME", "instead of MYSQL_USER"},
     {"password-file", "FILE", "file that holds the password, instead of MYSQL_PASSWORD"},
     {"jdbc-params", "K=V&K=V", "parameters of the JDBC URL to add or replace", "MYSQL_JDBC_PARAMS"},
     {"no-connection-checker", "", "do not have JBoss test connections before it uses them"},
     {"", "", "In place of writing"},
     {"diff", "", "show what would change, passwords left out; change nothing"},
     {"check", "", "change nothing; exit status 75 when something would change"},
     {"print-login", "",
      "print host, port, database, user, password and encryption (off, prefer, require) as the file will have them, "
      "a NUL after each; refuses a terminal"}},
    "dcm-configure-db --host db.example.org -- dcm-wait-db --once"};
