// SPDX-License-Identifier: Apache-2.0
#include <dcm/datasource/jboss_value.hpp>

#include "sample.hpp"

namespace {

using namespace dcm::datasource;

std::string with_password(const std::string& file, const std::string& password)
{
    Settings settings;
    settings.password = password;
    return applied(file, settings);
}

TEST(Values, TheTableOfWhatJBossReads)
{
    const std::string mixed = "a|b&c<d>\"e$f'g\\h";
    for (const std::string& fine :
         {std::string(), mixed, std::string("p&cs"), std::string("a]]>b"), std::string("a$$b${}c"),
          std::string("a%20+b"), std::string(200, 'x'), std::string("a${nope}b"), std::string("a${java.version}b"),
          std::string("${${x}}"), std::string("a b"), std::string("contraseña"), std::string("漢字 😀")}) {
        EXPECT_EQ(why_impossible(fine), std::nullopt) << fine;
        EXPECT_EQ(read_login(with_password(k_file, fine), "f", "pacsDS").password, fine);
    }
    EXPECT_NE(with_password(k_file, "a${java.version}b").find(">a${dcm.literal:$}{java.version}b<"), std::string::npos);
    EXPECT_NE(with_password(k_file, "a$b$").find(">a$b$<"), std::string::npos) << "a dollar alone is left alone";
}

TEST(Values, WhatCannotBeReadIsRefusedWithTheReason)
{
    const std::string blank_end = "it begins or ends with a blank, and JBoss drops that";
    const std::string control = "it holds a tab, line end, control character or something that is not UTF-8";
    const std::vector<std::pair<std::string, std::string>> table{
        {" a", blank_end},         {"a ", blank_end},
        {" ", blank_end},          {"a  b", "it holds two blanks in a row, and JBoss makes one of them"},
        {"a\tb", control},         {"a\nb", control},
        {"a\rb", control},         {"\x01", control},
        {"\x7f", control},         {std::string("a\0b", 3), control},
        {"\xff", control},         {"a\xc2\x85", control},
        {"\xed\xa0\x80", control}, {"\xef\xbf\xbf", control},
        {"\xc0\xaf", control},     {"\xf4\x90\x80\x80", control},
        {"a\xc3", control}};
    for (const auto& [value, reason] : table) {
        EXPECT_EQ(why_impossible(value), reason) << value;
        Settings settings;
        settings.password = value;
        EXPECT_EQ(failure_of([&] { applied(k_file, settings); }),
                  "78 the password cannot be used: " + reason + "; choose another password");
        settings = {};
        settings.user = value;
        EXPECT_EQ(failure_of([&] { applied(k_file, settings); }),
                  "78 the user name cannot be used: " + reason + "; choose another user name");
    }
}

TEST(Values, NobodyIsNoUser)
{
    Settings settings;
    settings.user = "";
    EXPECT_EQ(failure_of([&] { applied(k_file, settings); }), "78 the user name is empty; give it");
    settings.user.reset();
    settings.password = "";
    EXPECT_EQ(failure_of([&] { applied(k_file, settings); }), "0") << "an account may have none";
}

TEST(Values, FilesInOtherEncodingsGetReferences)
{
    for (const std::string encoding : {"ISO-8859-1", "windows-1252", "US-ASCII"}) {
        const auto file = replaced(k_file, "UTF-8", encoding);
        const auto edited = with_password(file, "contraseña");
        EXPECT_EQ(edited, replaced(file, "<password>pacs", "<password>contrase&#241;a"));
        EXPECT_EQ(read_login(edited, "f", "pacsDS").password, "contraseña");
        EXPECT_EQ(with_password(edited, "contraseña"), edited);
    }
    const auto latin = replaced(k_file, "UTF-8", "iso-8859-1");
    EXPECT_EQ(read_login(replaced(latin, "<password>pacs", "<password>\xf1"), "f", "pacsDS").password, "ñ");
    const auto windows = replaced(k_file, "UTF-8", "Windows-1252");
    EXPECT_EQ(read_login(replaced(windows, "<password>pacs", "<password>\x80\xf1"), "f", "pacsDS").password, "€ñ");
}

}  // namespace
