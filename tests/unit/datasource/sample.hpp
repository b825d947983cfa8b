// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/error.hpp>
#include <dcm/datasource/configure.hpp>

#include <gtest/gtest.h>

#include <string>

// The shape of the genuine file: CRLF, comments with tag-like text, the checker commented out.
inline const std::string k_file =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
    "<!-- <password>not me</password> -->\r\n"
    "<datasources>\r\n"
    "  <local-tx-datasource>\r\n"
    "    <jndi-name>pacsDS</jndi-name>\r\n"
    "    <connection-url>jdbc:mysql://localhost:3306/pacsdb</connection-url>\r\n"
    "    <driver-class>com.mysql.jdbc.Driver</driver-class>\r\n"
    "    <user-name>pacs</user-name>\r\n"
    "    <!-- <user-name>no</user-name> <new-connection-sql> -->\r\n"
    "    <password>pacs</password>\r\n"
    "    <exception-sorter-class-name>org.jboss.Sorter</exception-sorter-class-name>\r\n"
    "    <!-- <valid-connection-checker-class-name>org.jboss.Checker</valid-connection-checker-class-name> -->\r\n"
    "    <metadata><type-mapping>mySQL</type-mapping></metadata>\r\n"
    "  </local-tx-datasource>\r\n"
    "</datasources>\r\n";

inline std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

inline void ignore(const dcm::Notice& /*notice*/) {}

inline std::string applied(const std::string& text, const dcm::datasource::Settings& settings,
                           const std::string& jndi_name = "pacsDS")
{
    return dcm::datasource::apply(text, "f", jndi_name, settings, ignore).text;
}

// The exit status and the message of what `action` throws; 0 when it does not.
template <typename Action>
std::string failure_of(Action action)
{
    try {
        action();
    } catch (const dcm::Error& failure) {
        return std::to_string(dcm::to_int(failure.code())) + " " + failure.what();
    }
    return "0";
}
