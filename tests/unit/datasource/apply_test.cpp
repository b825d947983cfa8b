// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "sample.hpp"

namespace {

using namespace dcm::datasource;

std::string refusal(const std::string& text, const Settings& settings)
{
    return failure_of([&] { applied(text, settings); });
}

TEST(Apply, ChangesNothingButTheContent)
{
    Settings settings;
    EXPECT_EQ(applied(k_file, settings), k_file);
    settings = {"db", "3307", "archive", "u&v", "a|b&c<d>\"e$f'g\\h", {}, {}};
    auto expected = replaced(k_file, "localhost:3306/pacsdb", "db:3307/archive");
    expected = replaced(expected, "<user-name>pacs<", "<user-name>u&amp;v<");
    expected = replaced(expected, "<password>pacs<", "<password>a|b&amp;c&lt;d&gt;\"e$f'g\\h<");
    EXPECT_EQ(applied(k_file, settings), expected);
    EXPECT_EQ(applied(expected, settings), expected) << "twice is once";
}

TEST(Apply, KeepsUrlParametersAndUnsetParts)
{
    const auto file = replaced(k_file, "/pacsdb<", "/pacsdb?useUnicode=true&amp;connectTimeout=5000<");
    Settings settings;
    settings.host = "db";
    EXPECT_EQ(applied(file, settings), replaced(file, "//localhost:3306", "//db:3306"));
    settings = {};
    settings.parameters = {{"connectTimeout", "1"}, {"socketTimeout", "9"}};
    EXPECT_EQ(applied(file, settings), replaced(file, "=5000<", "=1&amp;socketTimeout=9<"));
}

TEST(Apply, LeavesEqualValuesSpelledOtherwiseAlone)
{
    for (const auto& spelling :
         {std::string("<![CDATA[a&b]]>"), std::string("&#97;&amp;b"), std::string("\n  a&amp;b\t")}) {
        const auto file = replaced(k_file, "<password>pacs<", "<password>" + spelling + "<");
        Settings settings;
        settings.password = "a&b";
        EXPECT_EQ(applied(file, settings), file);
        settings.password = "other";
        EXPECT_EQ(applied(file, settings), replaced(k_file, "<password>pacs<", "<password>other<"));
    }
    auto file = replaced(k_file, "//localhost:3306/", "//localhost/");
    Settings settings;
    settings.port = "3306";
    EXPECT_EQ(applied(file, settings), file) << "the default port is the default port";
}

TEST(Apply, AddsMissingElementsInPlaceAndFillsEmptyOnes)
{
    Settings settings;
    settings.user = "u";
    settings.password = "p";
    settings.checker = Checker::enabled;
    auto without =
        replaced(replaced(k_file, "    <user-name>pacs</user-name>\r\n", ""), "    <password>pacs</password>\r\n", "");
    EXPECT_EQ(applied(without, settings),
              replaced(without, "Driver</driver-class>\r\n",
                       "Driver</driver-class>\r\n    <user-name>u</user-name>\r\n    <password>p</password>\r\n"
                       "    <valid-connection-checker-class-name>org.jboss.resource.adapter.jdbc.vendor."
                       "MySQLValidConnectionChecker</valid-connection-checker-class-name>\r\n"));
    const auto closed = replaced(k_file, "<password>pacs</password>", "<password a='/>' />");
    settings = {};
    settings.password = "p";
    EXPECT_EQ(applied(closed, settings), replaced(closed, "<password a='/>' />", "<password a='/>' >p</password>"));
    const std::string flat =
        "<datasources><no-tx-datasource><jndi-name>pacsDS</jndi-name></no-tx-datasource></datasources>";
    EXPECT_EQ(applied(flat, settings), replaced(flat, "</jndi-name>", "</jndi-name><password>p</password>"));
    settings.host = "db";
    EXPECT_NE(applied(flat, settings).find("<connection-url>jdbc:mysql://db:3306/pacsdb</connection-url><password>"),
              std::string::npos);
}

TEST(Apply, AConnectionCheckerOfTheSiteStays)
{
    Settings settings;
    settings.checker = Checker::enabled;
    const auto with = [](const std::string& element) {
        return replaced(k_file, "    <exception-sorter", "    " + element + "\r\n    <exception-sorter");
    };
    for (const std::string element :
         {"<valid-connection-checker-class-name>com.example.Own</valid-connection-checker-class-name>",
          "<check-valid-connection-sql>SELECT 1</check-valid-connection-sql>"}) {
        EXPECT_EQ(applied(with(element), settings), with(element));
    }
    EXPECT_NE(applied(with("<valid-connection-checker-class-name/>"), settings), with("x"));
    const auto enabled = applied(k_file, settings);
    EXPECT_NE(enabled, k_file) << "what stands in a comment does not stand there";
    EXPECT_EQ(applied(enabled, settings), enabled);
    settings.checker = Checker::as_it_is;
    EXPECT_EQ(applied(k_file, settings), k_file);
}

TEST(Apply, FindsTheRightDatasource)
{
    const auto two = replaced(
        k_file, "<datasources>\r\n",
        "<datasources>\n<xa-datasource><jndi-name> arrDS </jndi-name><password>x</password></xa-datasource>\n");
    Settings settings;
    settings.password = "new";
    EXPECT_EQ(applied(two, settings), replaced(two, "<password>pacs<", "<password>new<"));
    EXPECT_EQ(applied(two, settings, "arrDS"), replaced(two, "<password>x<", "<password>new<"));
    const auto bom = "\xef\xbb\xbf" + k_file;
    EXPECT_EQ(applied(bom, settings), replaced(bom, "<password>pacs<", "<password>new<"));
    settings.host = "db";
    EXPECT_EQ(failure_of([&] { applied(two, settings, "arrDS"); }),
              "65 'f': an <xa-datasource> has no <connection-url> to change; use a <local-tx-datasource>");
}

TEST(Apply, RefusesWhatItDoesNotUnderstand)
{
    Settings settings;
    settings.password = "x";
    const std::string again = "; correct it, or take the file from the template again";
    EXPECT_EQ(refusal("", settings), "65 'f' is not XML: line 1: no element found" + again);
    EXPECT_EQ(refusal(replaced(k_file, "</password>\r\n", ""), settings),
              "65 'f' is not XML: line 13: mismatched tag" + again);
    EXPECT_EQ(refusal(replaced(k_file, "mySQL", "\xf1"), settings),
              "65 'f' is not XML: line 13: not well-formed (invalid token)" + again);
    EXPECT_EQ(refusal("<datasources/>", settings),
              "65 'f' has no datasource named 'pacsDS'; take the file from the template again");
    EXPECT_EQ(refusal(replaced(k_file, "<password>pacs", "<password>a</password><password>pacs"), settings),
              "65 'f': <password> stands twice in the datasource 'pacsDS'; remove one of them");
    EXPECT_EQ(refusal(replaced(k_file, "UTF-8", "UTF-16"), settings).substr(0, 3), "65 ");
    EXPECT_EQ(refusal("\xff\xfe<\0", settings), "65 'f' is written in UTF-16; save it as UTF-8");
    EXPECT_EQ(refusal(replaced(k_file, "UTF-8", "EBCDIC"), settings),
              "65 'f' is not XML: line 1: unknown encoding" + again);
    EXPECT_EQ(refusal(replaced(k_file, "<password>pacs", "<password>p<b>a</b>cs"), settings),
              "65 'f': <password> holds other elements and cannot be changed; take the file from the template again");
    const std::string one = "<x><jndi-name>pacsDS</jndi-name></x>";
    EXPECT_EQ(refusal("<datasources>" + one + one + "</datasources>", settings),
              "65 'f' has two datasources named 'pacsDS'; remove one of them");
    EXPECT_EQ(refusal("<server>" + one + "</server>", settings).substr(0, 3), "65 ");
}

TEST(Apply, AnotherDatabaseIsRefusedWhateverIsAskedFor)
{
    const auto file = replaced(k_file, "jdbc:mysql://localhost:3306/", "jdbc:postgresql://localhost/");
    EXPECT_EQ(refusal(file, {}), "78 connection-url 'jdbc:postgresql://localhost/pacsdb' is not of MySQL or MariaDB; "
                                 "it has to begin with 'jdbc:mysql:'");
    const auto several = replaced(k_file, "localhost:3306", "a,b");
    Settings settings;
    settings.password = "x";
    EXPECT_EQ(refusal(several, settings), "0") << "its own affair while its URL is not to be changed";
    settings.host = "db";
    EXPECT_EQ(refusal(several, settings).substr(0, 3), "78 ");
}

TEST(Apply, EntitiesOfTheDocument)
{
    const std::string doctype = "?>\r\n<!DOCTYPE datasources [<!ENTITY pw 'a&amp;b'><!ENTITY far SYSTEM '/run/pw'>"
                                "<!ENTITY el '<password>p</password>'>]>";
    const auto with = [&](const std::string& from, const std::string& to) {
        return replaced(replaced(k_file, "?>", doctype), from, to);
    };
    Settings settings;
    settings.password = "a&b";
    const auto inner = with("<password>pacs<", "<password>&pw;<");
    EXPECT_EQ(applied(inner, settings), inner);
    EXPECT_EQ(read_login(inner, "f", "pacsDS").password, "a&b");
    const auto outer = with("<password>pacs<", "<password>&far;<");
    EXPECT_EQ(failure_of([&] { read_login(outer, "f", "pacsDS"); }),
              "65 'f': <password> holds an entity of another file; write its text there");
    EXPECT_EQ(applied(outer, settings), replaced(outer, "&far;", "a&amp;b"));
    const auto elsewhere = replaced(replaced(k_file, "?>", "?>\r\n<!DOCTYPE datasources SYSTEM '/run/ds.dtd'>"),
                                    "<password>pacs<", "<password>&pw;<");
    EXPECT_EQ(failure_of([&] { read_login(elsewhere, "f", "pacsDS"); }),
              "65 'f': <password> holds an entity of another file; write its text there");
    const auto whole = with("<password>pacs</password>", "&el;");
    EXPECT_EQ(read_login(whole, "f", "pacsDS").password, "p");
    EXPECT_EQ(refusal(whole, settings),
              "65 'f': <password> stands in an entity and cannot be changed; take the file from the template again");
}

TEST(Apply, TheLoginIsWhereTheDriverLooksForIt)
{
    const auto file = replaced(k_file, "/pacsdb<", "/pacsdb?user=u%26v&amp;password=x+y<");
    EXPECT_EQ(read_login(file, "f", "pacsDS").user, "u&v");
    EXPECT_EQ(read_login(file, "f", "pacsDS").password, "x y");
    Settings settings;
    settings.user = "other";
    EXPECT_EQ(refusal(file, settings), "65 'f': the parameter 'user' of <connection-url> wins over <user-name>; "
                                       "remove it from the URL");
    std::vector<std::string> said;
    const auto domain =
        replaced(k_file, "</password>\r\n", "</password>\r\n    <security-domain>d</security-domain>\r\n");
    EXPECT_EQ(dcm::datasource::apply(domain, "f", "pacsDS", settings,
                                     [&](const dcm::Notice& notice) { said.push_back(notice.message); })
                  .text,
              domain);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0], "'f' takes user and password from a security domain (conf/login-config.xml); MYSQL_USER and "
                       "MYSQL_PASSWORD are not written there");
}

}  // namespace
