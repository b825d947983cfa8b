#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-configure-db as a user calls it: precedence, secrets, idempotence, refusals that change nothing.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
export DCM4CHEE_HOME=$T/home
file=$T/home/server/default/deploy/pacs-mysql-ds.xml
mkdir -p "${file%/*}" "$T/home/server/default/.dcm"
fresh() {
  printf '<datasources>\r\n <local-tx-datasource>\r\n  <jndi-name>pacsDS</jndi-name>\r\n  <connection-url>jdbc:mysql://localhost:3306/pacsdb</connection-url>\r\n  <user-name>pacs</user-name>\r\n  <password>pacs</password>\r\n </local-tx-datasource>\r\n</datasources>\r\n' >"$file"
  chmod 640 "$file"
}
unchanged() { [ "$(stat -c '%i %Y %Z %a' "$file") $(md5sum <"$file")" = "$before" ]; }
remember() { before="$(stat -c '%i %Y %Z %a' "$file") $(md5sum <"$file")"; }

begin 'nothing set: nothing changes'
fresh
remember
run dcm-configure-db -- echo on
expect_status 0
expect_out on
expect_err ''
expect unchanged unchanged

begin 'the environment is written, once, and the password shows nowhere'
# shellcheck disable=SC2016
secret='s&e|c<r>e"t$1\'
run env MYSQL_HOST=db MYSQL_USER=u MYSQL_PASSWORD="$secret" dcm-configure-db
expect_status 0
expect_err "dcm-configure-db: updated '$file'"
expect 'written' grep -F '<password>s&amp;e|c&lt;r&gt;e"t$1\</password>' "$file" -q
expect 'url' grep -q 'jdbc:mysql://db:3306/pacsdb' "$file"
expect 'CRLF stays' test "$(grep -c $'\r$' "$file")" = 8
expect 'mode stays' test "$(stat -c %a "$file")" = 640
expect 'nothing beside it' test "$(ls -A "${file%/*}")" = pacs-mysql-ds.xml
expect 'nothing left in .dcm' test -z "$(ls -A "$T/home/server/default/.dcm")"
remember
run env MYSQL_HOST=db MYSQL_USER=u MYSQL_PASSWORD="$secret" dcm-configure-db
expect_err ''
expect unchanged unchanged
run dcm-configure-db
expect 'a cleared environment changes nothing' unchanged

begin 'option beats environment'
run env MYSQL_HOST=other dcm-configure-db --host chosen --port 3307 --database d --user me
expect 'written' grep -q 'jdbc:mysql://chosen:3307/d<' "$file"

begin 'secrets from files, one newline dropped; both set is an error'
printf 'from file\n' >"$T/secret"
run env MYSQL_PASSWORD_FILE="$T/secret" dcm-configure-db
expect_status 0
expect 'written' grep -q '<password>from file</password>' "$file"
remember
run env MYSQL_PASSWORD_FILE="$T/secret" MYSQL_PASSWORD=x dcm-configure-db
expect_status 78
expect_err 'dcm-configure-db: error: both MYSQL_PASSWORD and MYSQL_PASSWORD_FILE are set; keep one of them'
run env MYSQL_PASSWORD_FILE="$T/absent" dcm-configure-db
expect_status 66
expect_err_like 'absent.: no such file; MYSQL_PASSWORD_FILE names it'
expect unchanged unchanged

begin 'what JBoss cannot read is refused, nothing changes'
for bad in ' x' 'x  y' $'x\ty' $'x\xff'; do
  run env MYSQL_PASSWORD="$bad" dcm-configure-db
  expect_status 78
  expect_err_like 'error: the password cannot be used: it .*; choose another password'
done
run env MYSQL_HOST=::1 dcm-configure-db
expect_status 78
run env MYSQL_PORT=mysql dcm-configure-db
expect_status 78
expect_err "dcm-configure-db: error: port: 'mysql' is not a port; give a number from 1 to 65535"
run env MYSQL_PORT=tcp://10.0.0.1:3306 dcm-configure-db
expect_status 0
expect_err "dcm-configure-db: MYSQL_PORT is 'tcp://10.0.0.1:3306', set by a container link, ignoring"
expect unchanged unchanged

begin 'a mistyped variable is hinted at'
run env MYSQL_PASSWROD=x dcm-configure-db
expect_status 0
expect_err "dcm-configure-db: warning: unknown variable 'MYSQL_PASSWROD', ignoring; did you mean MYSQL_PASSWORD?"

begin 'missing file, not XML, no such datasource'
run dcm-configure-db --datasource "$T/absent.xml"
expect_status 66
expect_err "dcm-configure-db: error: no datasource file '$T/absent.xml'; check --datasource and DCM4CHEE_HOME, or fill the volume with dcm-seed-volume"
echo '<datasources><oops>' >"$file"
remember
run env MYSQL_HOST=x dcm-configure-db -- echo never
expect_status 65
expect_out ''
expect_err_like "error: '$file' is not XML: line [0-9]+: "
expect unchanged unchanged
fresh
run dcm-configure-db --jndi arrDS
expect_status 65

begin 'a link stays a link'
mv "$file" "$T/real.xml" && ln -s "$T/real.xml" "$file"
run env MYSQL_HOST=linked dcm-configure-db
expect_status 0
expect 'link' test -L "$file"
expect 'target' grep -q linked "$T/real.xml"
rm "$file"

begin 'killed at any moment: old or new'
fresh
cp "$file" "$T/old"
MYSQL_HOST=new dcm-configure-db 2>/dev/null
cp "$file" "$T/new"
for i in $(seq 40); do
  cp "$T/old" "$file"
  MYSQL_HOST=new dcm-configure-db 2>/dev/null &
  sleep "0.00$((RANDOM % 9))"
  kill -KILL $! 2>/dev/null
  wait $! 2>/dev/null
  cmp -s "$file" "$T/old" || cmp -s "$file" "$T/new" || fail "half a file in round $i"
done
finish
