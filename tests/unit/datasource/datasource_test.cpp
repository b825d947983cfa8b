// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/datasource/document.hpp>
#include <dcm/datasource/jboss_value.hpp>
#include <dcm/datasource/jdbc_url.hpp>
#include <dcm/datasource/settings.hpp>

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include <random>

namespace {

using namespace dcm::datasource;
using dcm::Error;
using dcm::ExitCode;

// The shape of the genuine file: CRLF, comments with tag-like text, the checker commented out.
const std::string k_file = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
                           "<!-- <password>not me</password> -->\r\n"
                           "<datasources>\r\n"
                           "  <local-tx-datasource>\r\n"
                           "    <jndi-name>pacsDS</jndi-name>\r\n"
                           "    <connection-url>jdbc:mysql://localhost:3306/pacsdb</connection-url>\r\n"
                           "    <driver-class>com.mysql.jdbc.Driver</driver-class>\r\n"
                           "    <user-name>pacs</user-name>\r\n"
                           "    <!-- <user-name>no</user-name> <new-connection-sql> -->\r\n"
                           "    <password>pacs</password>\r\n"
                           "    <metadata><type-mapping>mySQL</type-mapping></metadata>\r\n"
                           "  </local-tx-datasource>\r\n"
                           "</datasources>\r\n";

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::string with_password(const std::string& password)
{
    Settings settings;
    settings.password = password;
    return apply(k_file, "f", "pacsDS", settings);
}

ExitCode code_of(const std::string& text, const Settings& settings)
{
    try {
        apply(text, "f", "pacsDS", settings);
    } catch (const Error& failure) {
        return failure.code();
    }
    return ExitCode::ok;
}

TEST(Apply, ChangesNothingButTheContent)
{
    Settings settings;
    EXPECT_EQ(apply(k_file, "f", "pacsDS", settings), k_file);
    settings = {"db", "3307", "archive", "u&v", "a|b&c<d>\"e$f'g\\h"};
    auto expected = replaced(k_file, "localhost:3306/pacsdb", "db:3307/archive");
    expected = replaced(expected, "<user-name>pacs<", "<user-name>u&amp;v<");
    expected = replaced(expected, "<password>pacs<", "<password>a|b&amp;c&lt;d&gt;\"e$f'g\\h<");
    EXPECT_EQ(apply(k_file, "f", "pacsDS", settings), expected);
    EXPECT_EQ(apply(expected, "f", "pacsDS", settings), expected) << "twice is once";
}

TEST(Apply, KeepsUrlParametersAndUnsetParts)
{
    const auto file = replaced(k_file, "/pacsdb<", "/pacsdb?useUnicode=true&amp;connectTimeout=5000<");
    Settings settings;
    settings.host = "db";
    EXPECT_EQ(apply(file, "f", "pacsDS", settings), replaced(file, "//localhost:3306", "//db:3306"));
}

TEST(Apply, LeavesEqualValuesSpelledOtherwiseAlone)
{
    for (const auto& spelling :
         {std::string("<![CDATA[a&b]]>"), std::string("&#97;&amp;b"), std::string("\n  a&amp;b\t")}) {
        const auto file = replaced(k_file, "<password>pacs<", "<password>" + spelling + "<");
        Settings settings;
        settings.password = "a&b";
        EXPECT_EQ(apply(file, "f", "pacsDS", settings), file);
        settings.password = "other";
        EXPECT_EQ(apply(file, "f", "pacsDS", settings), replaced(k_file, "<password>pacs<", "<password>other<"));
    }
}

TEST(Apply, AddsMissingElementsInPlaceAndFillsEmptyOnes)
{
    Settings settings;
    settings.user = "u";
    settings.password = "p";
    const auto without =
        replaced(replaced(k_file, "    <user-name>pacs</user-name>\r\n", ""), "    <password>pacs</password>\r\n", "");
    const auto added = apply(without, "f", "pacsDS", settings);
    EXPECT_EQ(added,
              replaced(without, "Driver</driver-class>\r\n",
                       "Driver</driver-class>\r\n    <user-name>u</user-name>\r\n    <password>p</password>\r\n"));
    const auto closed = replaced(k_file, "<password>pacs</password>", "<password/>");
    EXPECT_EQ(read_login(apply(closed, "f", "pacsDS", settings), "f", "pacsDS").password, "p");
}

TEST(Apply, FindsTheRightDatasource)
{
    const auto two = replaced(
        k_file, "<datasources>\r\n",
        "<datasources>\n<xa-datasource><jndi-name> arrDS </jndi-name><password>x</password></xa-datasource>\n");
    Settings settings;
    settings.password = "new";
    EXPECT_EQ(apply(two, "f", "pacsDS", settings), replaced(two, "<password>pacs<", "<password>new<"));
    EXPECT_EQ(apply(two, "f", "arrDS", settings), replaced(two, "<password>x<", "<password>new<"));
    const auto bom = "\xef\xbb\xbf" + k_file;
    EXPECT_EQ(apply(bom, "f", "pacsDS", settings), replaced(bom, "<password>pacs<", "<password>new<"));
}

TEST(Apply, RefusesWhatItDoesNotUnderstand)
{
    Settings settings;
    settings.password = "x";
    settings.host = "db";
    EXPECT_EQ(code_of("", settings), ExitCode::data_error);
    EXPECT_EQ(code_of("<datasources>", settings), ExitCode::data_error);
    EXPECT_EQ(code_of("<datasources/>", settings), ExitCode::data_error);
    EXPECT_EQ(code_of(replaced(k_file, "<password>pacs", "<password>a</password><password>pacs"), settings),
              ExitCode::data_error);
    EXPECT_EQ(code_of(replaced(k_file, "UTF-8", "UTF-16"), settings), ExitCode::data_error);
    EXPECT_EQ(code_of(replaced(k_file, "<password>pacs", "<password>p<b>a</b>cs"), settings), ExitCode::data_error);
    EXPECT_EQ(code_of(replaced(k_file, "jdbc:mysql", "jdbc:postgresql"), settings), ExitCode::config);
    EXPECT_EQ(code_of(k_file + "<datasources>", settings), ExitCode::data_error);
}

TEST(Values, TheTableOfWhatJBossReads)
{
    for (const std::string fine :
         {"", "a]]>b", "a$$b${}c", "a%20+b", "a b", "contraseña", "a${nope}b", "a${java.version}b", "${${x}}"}) {
        EXPECT_EQ(why_impossible(fine), std::nullopt) << fine;
        EXPECT_EQ(read_login(with_password(fine), "f", "pacsDS").password, fine);
    }
    EXPECT_NE(with_password("a${java.version}b").find(">a${dcm.literal:$}{java.version}b<"), std::string::npos);
    EXPECT_EQ(read_login(with_password(std::string(200, 'x')), "f", "pacsDS").password.size(), 200U);
    for (const std::string bad : {" a", "a ", "a  b", "a\tb", "a\nb", "\x01", "\xff", "a\xc2\x85", "\xed\xa0\x80",
                                  "\xef\xbf\xbf", "\xc0\xaf"}) {
        EXPECT_NE(why_impossible(bad), std::nullopt) << bad;
        Settings settings;
        settings.password = bad;
        EXPECT_EQ(code_of(k_file, settings), ExitCode::config);
    }
}

TEST(Values, Latin1FilesGetReferences)
{
    const auto latin = replaced(k_file, "UTF-8", "ISO-8859-1");
    Settings settings;
    settings.password = "contraseña";
    const auto edited = apply(latin, "f", "pacsDS", settings);
    EXPECT_NE(edited.find(">contrase&#241;a<"), std::string::npos);
    EXPECT_EQ(read_login(replaced(latin, "<password>pacs", "<password>\xf1"), "f", "pacsDS").password, "ñ");
}

TEST(Url, PartsAndRefusals)
{
    const auto url = parse_jdbc_url("jdbc:mysql://db/pacs-db_2?a=b&c=/d");
    EXPECT_EQ(url.host + "|" + url.port + "|" + url.database + "|" + url.parameters, "db|3306|pacs-db_2|a=b&c=/d");
    for (const char* bad : {"jdbc:oracle://x/y", "jdbc:mysql://db", "jdbc:mysql://db/", "jdbc:mysql://[::1]:3306/p",
                            "jdbc:mysql://db:0/p", "jdbc:mysql://db:x/p", "jdbc:mysql://a b/p"}) {
        EXPECT_THROW(parse_jdbc_url(bad), Error) << bad;
    }
    for (const char* bad : {"::1", "[::1]", "db:3306", "", "a/b", "a b", "a@b"}) {
        EXPECT_THROW(check_host(bad, "host"), Error) << bad;
    }
}

// What a reader of its own (the parser, then JBoss's two rules) makes of it is the value; all else is byte for byte.
TEST(Property, RandomDocumentsAndValues)
{
    std::mt19937 random(20161130);
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    const std::vector<std::string> pieces{"a",  "&",  "<", ">", "\"", "'", "$", "{",   "}",
                                          "${", "\\", "|", "%", " ",  "ñ", "€", "]]>", "#"};
    const std::vector<std::string> noise{
        "<!-- <password>x</password> -->", "\r\n", "\n\t", "<?pi <password> ?>", "<x a='>'/>", "<!--&-->"};
    for (int round = 0; round < 10'000; ++round) {
        std::string value;
        for (int i = pick(12); i > 0; --i) {
            value += pieces[static_cast<std::size_t>(pick(static_cast<int>(pieces.size())))];
        }
        std::string before = "<datasources>";
        std::string after;
        for (int i = pick(5); i > 0; --i) {
            before += noise[static_cast<std::size_t>(pick(6))];
            after += noise[static_cast<std::size_t>(pick(6))];
        }
        before += "<no-tx-datasource z=\"a>b\"><jndi-name>pacsDS</jndi-name>";
        after += "</no-tx-datasource></datasources>";
        const std::string open = pick(2) == 0 ? "<password>" : "<password  b='>' >";
        const std::string old_text = pick(2) == 0 ? "old" : "<!--c--><![CDATA[</password>]]>";
        Settings settings;
        settings.password = value;
        if (why_impossible(value)) {
            continue;
        }
        const auto edited = apply(before + open + old_text + "</password>" + after, "f", "pacsDS", settings);
        const auto head = before + open;
        const auto tail = "</password>" + after;
        ASSERT_EQ(edited.substr(0, head.size()), head);
        ASSERT_EQ(edited.substr(edited.size() - tail.size()), tail);
        pugi::xml_document xml;
        ASSERT_TRUE(xml.load_string(edited.c_str(), pugi::parse_full | pugi::parse_ws_pcdata));
        std::string read = xml.select_node("//password").node().child_value();
        for (auto at = read.find("${dcm.literal:$}"); at != std::string::npos;
             at = read.find("${dcm.literal:$}", at + 1)) {
            read.replace(at, 16, "$");
        }
        ASSERT_EQ(read, value);
    }
}

}  // namespace
