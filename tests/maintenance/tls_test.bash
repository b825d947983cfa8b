#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The maintenance scripts on a server that wants TLS: useSSL and requireSSL of the URL mean what they mean to the archive.
# shellcheck disable=SC2119,SC2317
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$here/lib/mariadb.bash"
tool=$DCM_SOURCE/scripts/maintenance/load-schema
trap mariadb_stop EXIT
certificate() { # NAME
  openssl req -newkey rsa:2048 -nodes -keyout "$T/$1.key" -out "$T/$1.csr" -subj "/CN=127.0.0.1" >/dev/null 2>&1
  openssl x509 -req -in "$T/$1.csr" -CA "$T/ca.pem" -CAkey "$T/ca.key" -CAcreateserial -days 2 -out "$T/$1.pem" \
    -extfile <(printf 'subjectAltName=IP:127.0.0.1') >/dev/null 2>&1
}
for ca in ca other; do
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/$ca.key" -out "$T/$ca.pem" -days 2 -subj "/CN=test $ca" >/dev/null 2>&1
done
certificate server
mariadb_start "$T/db" --ssl-cert="$T/server.pem" --ssl-key="$T/server.key" --ssl-ca="$T/ca.pem" || exit 1
mariadb_create pacsdb pacs pacs
mariadb_sql <<<"ALTER USER pacs@'%' REQUIRE SSL"
export MYSQL_HOST=127.0.0.1 MYSQL_PORT=$MARIADB_PORT
try() { run env "$@" "$tool" --schema "$DCM_SOURCE/create-mysql.sql" --dry-run; }

begin 'as the URL says'
try MYSQL_JDBC_PARAMS='useSSL=false'
expect_status 77
try MYSQL_JDBC_PARAMS='useSSL=true'
expect_status 0
try MYSQL_JDBC_PARAMS='useSSL=true&requireSSL=true'
expect_status 0

begin 'a server without TLS'
mariadb_stop
mariadb_start "$T/db" --skip-ssl || exit 1
mariadb_sql <<<"ALTER USER pacs@'%' REQUIRE NONE"
export MYSQL_PORT=$MARIADB_PORT
try
expect_status 0
try MYSQL_JDBC_PARAMS='useSSL=true'
expect_status 0
try MYSQL_JDBC_PARAMS='useSSL=true&requireSSL=true'
expect_status 69
expect_err_like 'does not encrypt, and requireSSL in the URL of the datasource asks for it'
finish
