// SPDX-License-Identifier: Apache-2.0
#include <dcm/datasource/jdbc_url.hpp>

#include "sample.hpp"

namespace {

using namespace dcm::datasource;

TEST(Url, Parts)
{
    const auto url = parse_jdbc_url("jdbc:mysql://db/pacs-db_2?a=b&c=/d");
    EXPECT_EQ(url.host + "|" + url.port + "|" + url.database + "|" + url.parameters, "db|3306|pacs-db_2|a=b&c=/d");
    EXPECT_EQ(parse_jdbc_url("jdbc:mysql:///p").str(), "jdbc:mysql://localhost:3306/p");
    EXPECT_EQ(parse_jdbc_url("jdbc:mysql://10.0.0.1:3307/p?").str(), "jdbc:mysql://10.0.0.1:3307/p");
}

TEST(Url, RefusalsSayWhy)
{
    const auto refusal = [](const char* url) {
        return failure_of([&] {
            check_scheme(url, "");
            parse_jdbc_url(url);
        });
    };
    EXPECT_EQ(refusal("jdbc:oracle:thin:@x?password=y"),
              "78 connection-url 'jdbc:oracle:thin:@x' is not of MySQL or MariaDB; it has to begin with 'jdbc:mysql:'");
    EXPECT_EQ(refusal("jdbc:mysql:replication://a,b/p"),
              "78 connection-url 'jdbc:mysql:replication://a,b/p' is of several servers; give one, as "
              "'jdbc:mysql://HOST:PORT/DATABASE'");
    EXPECT_EQ(
        refusal("jdbc:mysql://[::1]:3306/p"),
        "78 connection-url 'jdbc:mysql://[::1]:3306/p': '[::1]:3306' is an IPv6 address or holds a port; the JDBC "
        "driver reads neither here: give a host name or an IPv4 address, and the port as MYSQL_PORT");
    EXPECT_EQ(refusal("jdbc:mysql://a,b/p"),
              "78 connection-url 'jdbc:mysql://a,b/p': 'a,b' names several servers; give one");
    EXPECT_EQ(refusal("jdbc:mysql://${db.host:x}/p"), "78 connection-url 'jdbc:mysql://${db.host:x}/p' holds a "
                                                      "${property}, which only the server can tell; write its value "
                                                      "there");
    for (const char* bad : {"jdbc:mysql://db", "jdbc:mysql://db/", "jdbc:mysql://db:0/p", "jdbc:mysql://db:x/p",
                            "jdbc:mysql://db:65536/p", "jdbc:mysql://a b/p"}) {
        EXPECT_EQ(refusal(bad).substr(0, 3), "78 ") << bad;
    }
}

TEST(Url, OfMariaDbsOwnDriver)
{
    const std::string own = "org.mariadb.jdbc.Driver";
    const std::string bundled = "com.mysql.jdbc.Driver";
    EXPECT_EQ(parse_jdbc_url("jdbc:mariadb://db/p?a=b").str(), "jdbc:mariadb://db:3306/p?a=b");
    EXPECT_EQ(failure_of([&] { check_scheme("jdbc:mariadb://db/p", own); }), "0");
    EXPECT_EQ(failure_of([&] { check_scheme("jdbc:mysql://db/p", own); }), "0");
    EXPECT_EQ(failure_of([&] { check_scheme("jdbc:mariadb://db/p?password=x", bundled); }),
              "78 connection-url 'jdbc:mariadb://db/p' is one of MariaDB's own driver, but <driver-class> is "
              "'com.mysql.jdbc.Driver'; that one logs in to MariaDB as well: begin the URL with 'jdbc:mysql:'");
    const auto file = replaced(replaced(k_file, "jdbc:mysql:", "jdbc:mariadb:"), "com.mysql.jdbc.Driver", own);
    Settings settings;
    settings.host = "db";
    settings.checker = Checker::enabled;
    EXPECT_EQ(applied(file, settings), replaced(file, "localhost:", "db:")) << "MySQL's checker is not for it";
    EXPECT_FALSE(read_login(file, "f", "pacsDS").by_mysql_driver);
    EXPECT_TRUE(read_login(k_file, "f", "pacsDS").by_mysql_driver);
}

TEST(Url, ListsOfServersAreNamed)
{
    const auto file = replaced(replaced(k_file, "localhost:3306/pacsdb", "a:3306/pacsdb|jdbc:mysql://b:3306/pacsdb"),
                               "    <driver-class>", "    <url-delimiter>|</url-delimiter>\r\n    <driver-class>");
    const std::string said =
        "78 'f': <connection-url> is a list of several servers, as <url-delimiter> '|' says; give one server";
    EXPECT_EQ(failure_of([&] { read_login(file, "f", "pacsDS"); }), said);
    Settings settings;
    settings.password = "x";
    EXPECT_EQ(failure_of([&] { applied(file, settings); }), "0") << "its own affair while its URL is not to be changed";
    settings.host = "db";
    EXPECT_EQ(failure_of([&] { applied(file, settings); }), said);
}

TEST(Url, HostsPortsAndDatabases)
{
    for (const char* bad : {"::1", "[::1]", "db:3306", "", "a/b", "a b", "a@b", "a,b", "ñ", "a%", "a${b}"}) {
        EXPECT_EQ(failure_of([&] { check_host(bad, "host"); }).substr(0, 3), "78 ") << bad;
    }
    for (const char* fine : {"db", "10.0.0.1", "db_1.example.org", "DB-2"}) {
        EXPECT_EQ(failure_of([&] { check_host(fine, "host"); }), "0") << fine;
    }
    for (const char* bad : {"", "0", "65536", "-1", "3306 ", "mysql"}) {
        EXPECT_EQ(failure_of([&] { check_port(bad, "port"); }).substr(0, 3), "78 ") << bad;
    }
    for (const char* bad : {"", "a/b", "a?b", "a&b", "a#b", "a\\b", "a b", "a\tb", "--local-infile", "-p"}) {
        EXPECT_EQ(failure_of([&] { check_database(bad, "database"); }).substr(0, 3), "78 ") << bad;
    }
    EXPECT_EQ(failure_of([&] { check_database("pacs-db_2", "database"); }), "0");
}

TEST(JdbcParameters, ListsAndRefusals)
{
    const auto list = parse_jdbc_parameters("useUnicode=true&sessionVariables=a=1%2Cb=2&x=", "MYSQL_JDBC_PARAMS");
    ASSERT_EQ(list.size(), 3U);
    EXPECT_EQ(list[1].name + "|" + list[1].value, "sessionVariables|a=1%2Cb=2");
    EXPECT_TRUE(parse_jdbc_parameters(std::nullopt, "").empty());
    const auto refusal = [](const std::string& text) {
        return failure_of([&] { parse_jdbc_parameters(text, "MYSQL_JDBC_PARAMS"); });
    };
    EXPECT_EQ(refusal("useSSL"), "78 MYSQL_JDBC_PARAMS is no list name=value&name=value: 'useSSL' has no value");
    EXPECT_EQ(refusal("a=b&"), "78 MYSQL_JDBC_PARAMS is no list name=value&name=value: '' is no name");
    EXPECT_EQ(refusal("?a=b"), "78 MYSQL_JDBC_PARAMS is no list name=value&name=value: '?a' is no name");
    EXPECT_EQ(refusal("password=geheim"),
              "78 MYSQL_JDBC_PARAMS sets 'password'; it belongs in MYSQL_USER or MYSQL_PASSWORD");
    EXPECT_EQ(refusal("a=x y"),
              "78 MYSQL_JDBC_PARAMS: the value of 'a' cannot be used: a blank is written %20 there, # "
              "is %23");
    EXPECT_EQ(refusal("a=x\ty").substr(0, 3), "78 ");
}

TEST(JdbcParameters, EditsInPlace)
{
    EXPECT_EQ(with_jdbc_parameter("", {"a", "1"}), "a=1");
    EXPECT_EQ(with_jdbc_parameter("b=2&&c", {"a", "1"}), "b=2&&c&a=1");
    EXPECT_EQ(with_jdbc_parameter("a=0&b=2&a=3", {"a", "1"}), "a=1&b=2");
    EXPECT_EQ(with_jdbc_parameter("ab=0", {"a", "1"}), "ab=0&a=1");
    EXPECT_EQ(jdbc_parameter("a=0&a=%41+%2b%", "a"), "A +%");
    EXPECT_EQ(jdbc_parameter("a&b=1", "a"), std::nullopt);
}

}  // namespace
