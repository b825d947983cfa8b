// SPDX-License-Identifier: Apache-2.0
#include <dcm/datasource/login_config.hpp>

#include "sample.hpp"
#include <temp_dir.hpp>

namespace {

using namespace dcm::datasource;

// The shape of the genuine file: a document type, blanks around "=", a module of another kind first.
std::string config(const std::string& module, const std::string& options)
{
    return "<?xml version='1.0'?>\n<!DOCTYPE policy PUBLIC \"-//JBoss//DTD JBOSS Security Config 3.0//EN\"\n"
           "      \"http://www.jboss.org/j2ee/dtd/security_config.dtd\">\n<!-- <application-policy name=\"PacsLogin\"> "
           "-->\n"
           "<policy>\n <application-policy name = \"other\">\n  <authentication>\n"
           "   <login-module code=\"org.jboss.resource.security.ConfiguredIdentityLoginModule\" flag=\"required\">\n"
           "    <module-option name = \"userName\">not me</module-option></login-module></authentication>\n"
           " </application-policy>\n <application-policy name = \"PacsLogin\">\n  <authentication>\n"
           "   <login-module code = \"" +
           module + "\"\n      flag = \"required\">" + options +
           "\n   </login-module>\n   <login-module code=\"org.dcm4chee.audit.login.AuditLoginModule\" "
           "flag=\"optional\">"
           "<module-option name=\"username\">audit</module-option></login-module>\n"
           "  </authentication>\n </application-policy>\n</policy>\n";
}

std::string option(const std::string& name, const std::string& value)
{
    return "<module-option name = \"" + name + "\">" + value + "</module-option>";
}

const std::string k_clear = "org.jboss.resource.security.ConfiguredIdentityLoginModule";
const std::string k_secure = "org.jboss.resource.security.SecureIdentityLoginModule";

std::string login(const std::string& text)
{
    const auto found = read_login_config(text, "f", "PacsLogin");
    return found ? found->user + "|" + found->password : "none";
}

TEST(LoginConfig, PasswordsAsJavaEncryptsThem)
{
    // Made by Java 17's Blowfish with that key: short, long, of one whole block, negative, with zeros in front, empty.
    for (const auto& [number, password] :
         std::vector<std::pair<const char*, const char*>>{{"5dfc52b51bd35553df8592078de921bc", "password"},
                                                          {"16e0af412f44e943", "pacs"},
                                                          {"-207a6df87216de44", ""},
                                                          {"26503424037d68e9377587ba33fff73f", "contraseña"},
                                                          {"-2dd70546b2d4394b207a6df87216de44", "12345678"},
                                                          {"64414c3861139180973c38c56d082a5e", "eightchr9"},
                                                          {"9fdd42c2a7390d3", "sa"},
                                                          {"48E90DF5BC00051E", "test"},
                                                          {"-ae3569bead76f39", "p33"},
                                                          {"-484170e0487310c", "p99"}}) {
        EXPECT_EQ(decode_password(number), password) << number;
    }
    for (const char* bad : {"", "-", "--1", "xyz", "5dfc52b51bd35553df8592078de921bd", "0", "1", "password", "+1",
                            "5dfc52b51bd35553", " 16e0af412f44e943"}) {
        EXPECT_EQ(decode_password(bad), std::nullopt) << bad;
    }
    EXPECT_EQ(decode_password(std::string(5000, 'a')), std::nullopt);
}

TEST(LoginConfig, TheIdentityModulesOfJBoss)
{
    EXPECT_EQ(
        login(config(k_clear, option("principal", "p") + option("userName", "u&amp;v") + option("password", " x "))),
        "u&v|x");
    EXPECT_EQ(login(config(k_clear, option("userName", "u") + option("password", ""))), "u|");
    EXPECT_EQ(
        login(config(k_secure, option("username", "pacs") + option("password", "5dfc52b51bd35553df8592078de921bc") +
                                   option("managedConnectionFactoryName", "jboss.jca:name=pacsDS"))),
        "pacs|password");
}

TEST(LoginConfig, WhatCannotBeToldIsNotGuessed)
{
    EXPECT_EQ(login(config(k_secure, option("username", "pacs") + option("password", "in clear text"))), "none");
    EXPECT_EQ(login(config(k_secure, option("userName", "pacs"))), "none");
    EXPECT_EQ(login(config("org.jboss.security.plugins.JaasSecurityDomainIdentityLoginModule",
                           option("userName", "pacs") + option("password", "x"))),
              "none");
    EXPECT_EQ(read_login_config(config(k_clear, option("userName", "u")), "f", "Elsewhere"), std::nullopt);
    EXPECT_EQ(login("<policy/>"), "none");
    EXPECT_EQ(failure_of([] { login("<policy>"); }).substr(0, 3), "65 ");
}

TEST(LoginConfig, ALoginThatIsNotInTheDatasource)
{
    const TempDir home;
    const std::string with_domain = replaced(
        replaced(k_file, "    <user-name>pacs</user-name>\r\n", "    <security-domain>PacsLogin</security-domain>\r\n"),
        "    <password>pacs</password>\r\n", "");
    const auto path = home.write("deploy/pacs-mysql-ds.xml", with_domain);
    const auto known = [&](const Settings& settings) {
        const Login found = complete_login(with_domain, path, "pacsDS", settings);
        return found.domain + "|" + found.user + "|" + found.password;
    };
    Settings settings;
    EXPECT_EQ(known(settings), "PacsLogin||");
    settings.user = "me";
    EXPECT_EQ(known(settings), "|me|");
    settings.password = "x";
    EXPECT_EQ(known(settings), "|me|x");
    home.write("conf/login-config.xml", config(k_secure, option("username", "pacs") + option("password", "garbage")));
    EXPECT_EQ(known(settings), "|me|x");
    home.write("conf/login-config.xml",
               config(k_secure, option("username", "pacs") + option("password", "16e0af412f44e943")));
    EXPECT_EQ(known(settings), "|pacs|pacs") << "what JBoss will use";
    EXPECT_EQ(known({}), "|pacs|pacs");
    const auto in_url = replaced(with_domain, "/pacsdb<", "/pacsdb?user=u&amp;password=p<");
    EXPECT_EQ(complete_login(in_url, path, "pacsDS", {}).user, "u");
}

}  // namespace
