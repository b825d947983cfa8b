#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-wait-db and TLS: each mode against a server without, and servers with a good, a misnamed and an expired certificate.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/../cli/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$(dirname "$0")/../lib/mariadb.bash"
# shellcheck source=tests/lib/datasource.bash
. "$(dirname "$0")/../lib/datasource.bash"
command -v mariadbd >/dev/null || skip 'no mariadb-server'
command -v openssl >/dev/null || skip 'no openssl'
trap mariadb_stop EXIT

authority() { # name
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/$1.key" -out "$T/$1.pem" -subj "/CN=$1" -days 2 2>/dev/null
}
certificate() { # name names-in-it validity...
  openssl req -newkey rsa:2048 -nodes -keyout "$T/$1.key" -out "$T/$1.csr" -subj "/CN=$1" 2>/dev/null
  local name=$1 names=$2
  shift 2
  openssl x509 -req -in "$T/$name.csr" -CA "$T/ca.pem" -CAkey "$T/ca.key" -CAcreateserial -out "$T/$name.pem" \
    -extfile <(printf 'subjectAltName=%s\n' "$names") "$@" 2>/dev/null
}
authority ca
authority foreign
certificate good DNS:localhost,IP:127.0.0.1 -days 2
certificate misnamed DNS:db.example -days 2
# openssl before 3.4 takes a negative number of days, later ones take dates
certificate expired DNS:localhost -days -1 ||
  certificate expired DNS:localhost -not_before 20200101000000Z -not_after 20200102000000Z || fail 'no expired certificate'

server_with() { # certificate, or none
  mariadb_stop
  MARIADB_PORT=
  if [ "$1" = none ]; then
    mariadb_start "$T/db" --skip-ssl
  else
    mariadb_start "$T/db" --ssl-cert="$T/$1.pem" --ssl-key="$T/$1.key" --ssl-ca="$T/ca.pem"
  fi || exit 1
  datasource localhost "$MARIADB_PORT" pacsdb pacs pacs
}
try() { # mode [ca]
  run env MYSQL_TLS_MODE="$1" ${2:+MYSQL_TLS_CA="$T/$2.pem"} dcm-wait-db --once
}
refused() { # reason
  expect_status 69
  expect_err "dcm-wait-db: error: no TLS connection to 'localhost:$MARIADB_PORT' as it is wanted ($1); mend the server's certificate, or MYSQL_TLS_MODE and MYSQL_TLS_CA"
}

server_with none
mariadb_create pacsdb pacs pacs
begin 'a server without TLS: fine while nobody insists'
for mode in disabled preferred; do
  try "$mode"
  expect_status 0
  expect_err ''
done
begin 'a server without TLS: refused in the other modes, though the connector goes on in clear text'
try required
refused 'the server has no TLS'
try verify-ca ca
refused 'the server has no TLS'
try verify-identity ca
expect_status 69

begin 'what the URL asks the driver for counts when no mode is set'
datasource localhost "$MARIADB_PORT" pacsdb pacs pacs '?useSSL=true&amp;requireSSL=true&amp;verifyServerCertificate=false'
run dcm-wait-db --once
refused 'the server has no TLS'
try disabled
expect_status 0

server_with good
begin 'a good certificate: every mode'
for mode in disabled preferred required; do
  try "$mode"
  expect_status 0
done
for mode in verify-ca verify-identity; do
  try "$mode" ca
  expect_status 0
done
begin 'a good certificate of a CA that is not ours'
for mode in verify-ca verify-identity; do
  try "$mode" foreign
  refused 'TLS/SSL error: self-signed certificate in certificate chain'
done
begin 'disabled and preferred are what they say'
mariadb_sql <<<"CREATE USER tls@'%' IDENTIFIED BY 'x' REQUIRE SSL; GRANT ALL ON *.* TO tls@'%'"
datasource localhost "$MARIADB_PORT" pacsdb tls x
try disabled
expect_status 77
for mode in preferred required; do
  try "$mode"
  expect_status 0
done
run dcm-wait-db --once
expect_status 77
datasource localhost "$MARIADB_PORT" pacsdb tls x '?useSSL=true'
run dcm-wait-db --once
expect_status 0
begin 'a CA that cannot be read'
try required
run env MYSQL_TLS_MODE=verify-ca MYSQL_TLS_CA="$T/absent" dcm-wait-db --once
expect_status 66
expect_err "dcm-wait-db: error: cannot read the CA '$T/absent': no such file or directory; mend MYSQL_TLS_CA"
begin 'settings that contradict each other'
run env MYSQL_TLS_MODE=sometimes dcm-wait-db --once
expect_status 78
run env MYSQL_TLS_CA="$T/ca.pem" dcm-wait-db --once
expect_status 78

server_with misnamed
begin 'a certificate for another name: only verify-identity minds'
try verify-ca ca
expect_status 0
try verify-identity ca
refused 'its certificate is not made out for this name'

server_with expired
begin 'an expired certificate: only who verifies minds'
try required
expect_status 0
for mode in verify-ca verify-identity; do
  try "$mode" ca
  refused 'TLS/SSL error: certificate has expired'
done
begin 'mended while it waits'
MYSQL_CONNECT_RETRY=100ms MYSQL_TLS_MODE=verify-ca MYSQL_TLS_CA=$T/ca.pem dcm-wait-db --log-format json -- echo up >"$T/out" 2>"$T/err" &
waiting=$!
wait_for 10 grep -q '"cause":"tls"' "$T/err"
cp "$T/good.pem" "$T/expired.pem"
cp "$T/good.key" "$T/expired.key"
mariadb_sql <<<'FLUSH SSL'
wait "$waiting"
status=$?
expect_status 0
expect_out up
finish
