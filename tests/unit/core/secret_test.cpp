// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/secret.hpp>

#include <gtest/gtest.h>

namespace {

using dcm::is_secret;

TEST(Secrets, AreKnownByNameAndByValue)
{
    for (const char* secret :
         {"MYSQL_PASSWORD=x", "mysql_root_password=x", "S3_SECRET=x", "GITHUB_TOKEN=x", "RESTIC_PASSWORD_COMMAND=x",
          "AWS_SECRET_ACCESS_KEY=x", "API_KEY=x", "DB_PASS=x", "DB_PWD=x", "PRIVATE_PEM=x", "BORG_PASSPHRASE=x",
          "URL=mysql://u:p@host/db", "JAVA_OPTS=-Xmx1g -Djavax.net.ssl.keyStorePassword=x", "CREDENTIALS=x", "APIKEY=x",
          "SSHPASS=x", "URL=https://host/?token=x", "JAVA_OPTS=-Dapi.secret=x"}) {
        EXPECT_TRUE(is_secret(secret)) << secret;
    }
    for (const char* open :
         {"MYSQL_HOST=db", "MYSQL_PASSWORD_FILE=/run/secrets/p", "PATH=/bin", "PWD=/", "JAVA_OPTS=-Xmx1g",
          "TZ=Europe/Madrid", "URL=http://host:8080/a@b", "KEYBOARD=es", "URL=http://user@host/", "EMPTY="}) {
        EXPECT_FALSE(is_secret(open)) << open;
    }
}

}  // namespace
