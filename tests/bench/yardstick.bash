#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The start of an archive container as a shell script does it: what the chain is measured against. It asks the server
# with the mariadb client, writes the datasource with three sed calls and loads the crontab, then becomes run.sh.
file=$DCM4CHEE_HOME/server/default/deploy/pacs-mysql-ds.xml
until mariadb --protocol=tcp -h "$MYSQL_HOST" -P "$MYSQL_PORT" -u "$MYSQL_USER" -p"$MYSQL_PASSWORD" \
  -BNe "SHOW DATABASES LIKE '$MYSQL_DATABASE'" | grep -qx "$MYSQL_DATABASE"; do
  sleep "${MYSQL_CONNECT_RETRY:-30}"
done
sed -i "s|jdbc:mysql://[^<]*|jdbc:mysql://$MYSQL_HOST:$MYSQL_PORT/$MYSQL_DATABASE|" "$file"
sed -i "s|<user-name>[^<]*</user-name>|<user-name>$MYSQL_USER</user-name>|" "$file"
sed -i "s|<password>[^<]*</password>|<password>$MYSQL_PASSWORD</password>|" "$file"
crontab -n "$DCM_BENCH_CRONTAB" && crontab "$DCM_BENCH_CRONTAB"
exec "$DCM4CHEE_HOME/bin/run.sh"
