#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-wait-db and TLS: what the URL asks the driver for, on a server without and on one with it.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$(dirname "$0")/../lib/mariadb.bash"
# shellcheck source=tests/lib/datasource.bash
. "$(dirname "$0")/../lib/datasource.bash"
command -v mariadbd >/dev/null || skip 'no mariadb-server'
command -v openssl >/dev/null || skip 'no openssl'
trap mariadb_stop EXIT

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/key.pem" -out "$T/cert.pem" -subj /CN=db.example -days 2 2>/dev/null ||
  fail 'no certificate'

server_with() { # OPTION...
  mariadb_stop
  MARIADB_PORT=
  mariadb_start "$T/db" "$@" || exit 1
}
try() { # PARAMETERS [USER PASSWORD]
  datasource localhost "$MARIADB_PORT" pacsdb "${2:-pacs}" "${3:-pacs}" "$1"
  run dcm-wait-db --once
}
off='' prefer='?useSSL=true' require='?useSSL=true&amp;requireSSL=true'

server_with --skip-ssl
mariadb_create pacsdb pacs pacs
begin 'a server without TLS: fine while nobody insists'
for parameters in "$off" "$prefer" '?requireSSL=true' '?useSSL=false&amp;requireSSL=true'; do
  try "$parameters"
  expect_status 0
  expect_err ''
done
begin 'a server without TLS: refused where it is required, though the connector goes on in clear text'
missing="no TLS connection to 'localhost:$MARIADB_PORT' as it is wanted (the server has no TLS); switch TLS on there, or take requireSSL out of the datasource's URL"
try "$require"
expect_status 69
expect_err "dcm-wait-db: error: $missing"
run dcm-wait-db --fail-fast --log-format json
expect_status 69
expect 'the cause is named' test "$(jq -r .cause "$T/err")" = tls
run env MYSQL_HOST=localhost MYSQL_PORT="$MARIADB_PORT" MYSQL_JDBC_PARAMS='useSSL=true&requireSSL=true' dcm-wait-db --from-env --once
expect_status 69
expect_err "dcm-wait-db: error: $missing"

server_with --ssl-cert="$T/cert.pem" --ssl-key="$T/key.pem"
begin 'a server with TLS, whoever signed its certificate'
for parameters in "$off" "$prefer" "$require"; do
  try "$parameters"
  expect_status 0
  expect_err ''
done
begin 'who asks for it gets it'
mariadb_sql <<<"CREATE USER tls@'%' IDENTIFIED BY 'x' REQUIRE SSL; GRANT ALL ON *.* TO tls@'%'"
try "$off" tls x
expect_status 77
for parameters in "$prefer" "$require"; do
  try "$parameters" tls x
  expect_status 0
done

begin 'switched on while it waits'
server_with --skip-ssl
datasource localhost "$MARIADB_PORT" pacsdb pacs pacs "$require"
MYSQL_CONNECT_RETRY=100ms dcm-wait-db --log-format json -- echo up >"$T/out" 2>"$T/err" &
waiting=$!
wait_for 10 grep -q '"cause":"tls"' "$T/err"
mariadb_stop
mariadb_start "$T/db" --ssl-cert="$T/cert.pem" --ssl-key="$T/key.pem" || exit 1
wait "$waiting"
status=$?
expect_status 0
expect_out up
finish
