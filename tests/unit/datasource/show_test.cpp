// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

namespace {

using namespace dcm::datasource;

std::string shown(const std::string& text, const Settings& settings)
{
    return show(apply(text, "f", "pacsDS", settings, ignore).changes);
}

TEST(Show, ALineForEachElementThatChanges)
{
    Settings settings;
    EXPECT_EQ(shown(k_file, settings), "");
    settings.user = "pacs";
    EXPECT_EQ(shown(k_file, settings), "") << "nothing changes";
    settings.host = "db";
    settings.user = "u&v";
    settings.checker = Checker::enabled;
    EXPECT_EQ(shown(k_file, settings),
              "connection-url: jdbc:mysql://localhost:3306/pacsdb -> jdbc:mysql://db:3306/pacsdb\n"
              "user-name: pacs -> u&v\n"
              "valid-connection-checker-class-name: (none) -> "
              "org.jboss.resource.adapter.jdbc.vendor.MySQLValidConnectionChecker\n");
}

TEST(Show, NoSecretOldOrNew)
{
    Settings settings;
    settings.password = "n&w-secret";
    settings.parameters = {{"trustCertificateKeyStorePassword", "third-secret"}, {"useSSL", "true"}};
    const auto file = replaced(k_file, "/pacsdb<", "/pacsdb?clientCertificateKeyStorePassword=4th-secret&amp;a=b<");
    const auto text = shown(replaced(file, "<password>pacs<", "<password>o&amp;d-secret<"), settings);
    EXPECT_EQ(text, "connection-url: jdbc:mysql://localhost:3306/pacsdb?clientCertificateKeyStorePassword=***&a=b -> "
                    "jdbc:mysql://localhost:3306/pacsdb?clientCertificateKeyStorePassword=***&a=b&"
                    "trustCertificateKeyStorePassword=***&useSSL=true\n"
                    "password: *** -> ***\n");
    const auto without = replaced(k_file, "    <password>pacs</password>\r\n", "");
    settings.parameters.clear();
    EXPECT_EQ(shown(without, settings), "password: (none) -> ***\n");
}

TEST(Show, IsOneLineWhateverStandsThere)
{
    Settings settings;
    settings.user = "u";
    const auto text = shown(replaced(k_file, "<user-name>pacs<", "<user-name>a&#155;2J&#10;b<"), settings);
    EXPECT_EQ(text.find("\xc2\x9b"), std::string::npos);
    EXPECT_EQ(text.find('\n'), text.size() - 1);
}

}  // namespace
