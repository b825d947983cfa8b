// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"
#include <temp_dir.hpp>

namespace {

using namespace dcm::datasource;

TEST(Encryption, IsWhatConnectorJMakesOfTheParameters)
{
    const std::vector<std::pair<const char*, Encryption>> table{
        {"", Encryption::off},
        {"requireSSL=true", Encryption::off},
        {"useSSL=false&requireSSL=true", Encryption::off},
        {"useSSL=TRUE", Encryption::prefer},
        {"useSSL=1", Encryption::off},
        {"useSSL=true", Encryption::prefer},
        {"useSSL=yes&requireSSL=false", Encryption::prefer},
        {"useSSL=true&requireSSL=true", Encryption::require},
        {"a=b&useSSL=true&requireSSL=yes&verifyServerCertificate=false", Encryption::require},
        {"useSSL=true&useSSL=false", Encryption::off}};
    for (const auto& [parameters, encryption] : table) {
        EXPECT_EQ(encryption_of(parameters), encryption) << parameters;
    }
    EXPECT_EQ(to_string(Encryption::require), "require");
}

TEST(Login, OfTheFileOfTheSettingsAndOfTheDefaults)
{
    const TempDir directory;
    const auto text = [&](const Login& login) {
        return login.host + "|" + login.port + "|" + login.database + "|" + login.user + "|" + login.password + "|" +
               std::string(to_string(login.encryption));
    };
    Settings settings;
    const auto path = directory.path("ds.xml");
    EXPECT_EQ(text(resolve(path, "pacsDS", settings)), "localhost|3306|pacsdb|pacs|pacs|off");
    settings.host = "db";
    settings.password = "";
    settings.parameters = {{"useSSL", "true"}, {"requireSSL", "true"}};
    EXPECT_EQ(text(resolve(path, "pacsDS", settings)), "db|3306|pacsdb|pacs||require");
    directory.write("ds.xml", replaced(k_file, "localhost:3306/pacsdb", "far:3307/archive?useSSL=true"));
    EXPECT_EQ(text(resolve(path, "pacsDS", {})), "far|3307|archive|pacs|pacs|prefer");
    settings.parameters.clear();
    EXPECT_EQ(text(resolve(path, "pacsDS", settings)), "db|3307|archive|pacs||prefer");
    EXPECT_EQ(directory.read("ds.xml").find("//db:"), std::string::npos) << "it only reads";
    settings.port = "x";
    EXPECT_EQ(failure_of([&] { resolve(path, "pacsDS", settings); }).substr(0, 3), "78 ");
    EXPECT_EQ(failure_of([&] { resolve(directory.path("none"), "pacsDS", settings); }).substr(0, 3), "78 ");
}

}  // namespace
