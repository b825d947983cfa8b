#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-wait-db against a real server: each cause, its exit status, fixed while it waits; signals; how soon it notices.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$(dirname "$0")/../lib/mariadb.bash"
# shellcheck source=tests/lib/datasource.bash
. "$(dirname "$0")/../lib/datasource.bash"
command -v mariadbd >/dev/null || skip 'no mariadb-server'
trap 'mariadb_stop; kill $(jobs -p) 2>/dev/null' EXIT
mariadb_start "$T/db" || exit 1
port=$MARIADB_PORT
mariadb_create pacsdb pacs 's&<c>"ñ|$1'
good() { datasource 127.0.0.1 "$port" pacsdb pacs 's&amp;&lt;c&gt;"ñ|$1'; }

begin 'a login that works: silent, then the command'
good
run dcm-wait-db -- echo up
expect_status 0
expect_out up
expect_err ''
datasource localhost "$port" pacsdb pacs 's&amp;&lt;c&gt;"ñ|$1'
run dcm-wait-db
expect_status 0
run env MYSQL_HOST=127.0.0.1 MYSQL_PORT="$port" MYSQL_USER=pacs MYSQL_PASSWORD='s&<c>"ñ|$1' dcm-wait-db --from-env --once
expect_status 0

begin 'each cause under --once, by name and exit status, the password nowhere'
datasource 127.0.0.1 "$port" pacsdb pacs wrongsecret
run dcm-wait-db --once
expect_status 77
expect_err "dcm-wait-db: error: access denied for user 'pacs' at '127.0.0.1:$port'; correct MYSQL_USER or MYSQL_PASSWORD, or create the user with that password"
datasource 127.0.0.1 "$port" pacsdb unknown x
run dcm-wait-db --once
expect_status 77
expect_err_like "access denied for user 'unknown'"
datasource 127.0.0.1 "$port" mysql pacs 's&amp;&lt;c&gt;"ñ|$1'
run dcm-wait-db --fail-fast
expect_status 77
expect_err_like "user 'pacs' has no right to database 'mysql'; run GRANT ALL"
mariadb_sql <<<"CREATE USER anyone@'%' IDENTIFIED BY 'x'; GRANT ALL ON *.* TO anyone@'%'"
datasource 127.0.0.1 "$port" nosuch anyone x
run dcm-wait-db --fail-fast
expect_status 69
expect_err "dcm-wait-db: error: no database 'nosuch' at '127.0.0.1:$port'; correct MYSQL_DATABASE, or create it and load create-mysql.sql"
datasource no-such-host.invalid "$port" pacsdb pacs x
run dcm-wait-db --once
expect_status 69
expect_err "dcm-wait-db: error: host name 'no-such-host.invalid' does not resolve; check MYSQL_HOST and that the database container is on the same network"
closed=$(free_port)
datasource 127.0.0.1 "$closed" pacsdb pacs x
run dcm-wait-db --once
expect_status 69
expect_err "dcm-wait-db: error: connection to '127.0.0.1:$closed' refused; start the database there, or correct MYSQL_HOST and MYSQL_PORT"
run dcm-wait-db --timeout 300ms
expect_status 75
expect_err_like 'gave up after [0-9]+ ms: connection to .* refused'

begin 'an account that is locked, a password that has expired'
mariadb_sql <<<"CREATE USER shut@'%' IDENTIFIED BY 'x' ACCOUNT LOCK; CREATE USER old@'%' IDENTIFIED BY 'x' PASSWORD EXPIRE; GRANT ALL ON pacsdb.* TO old@'%'"
run env MYSQL_HOST=127.0.0.1 MYSQL_PORT="$port" MYSQL_USER=shut MYSQL_PASSWORD=x dcm-wait-db --from-env --fail-fast
expect_status 77
expect_err_like 'the account is locked: run ALTER USER \.\.\. ACCOUNT UNLOCK there'
run env MYSQL_HOST=127.0.0.1 MYSQL_PORT="$port" MYSQL_USER=old MYSQL_PASSWORD=x dcm-wait-db --from-env --fail-fast
expect_status 77
expect_err_like 'the password has expired'

begin 'a password that looks escaped: the line says that it is written plain now'
datasource 127.0.0.1 "$port" pacsdb pacs 'a\&amp;b'
run dcm-wait-db --once
expect_status 77
expect_err_like 'it is written plain now, without the escapes'
expect 'no password in the log' test "$(grep -cF 'a\&b' "$T/err")" = 0

begin 'no datasource, not XML'
run dcm-wait-db --datasource "$T/absent" --once
expect_status 66
echo '<oops' >"$file"
run dcm-wait-db -- echo never
expect_status 65
expect_out ''

begin 'a login that is in a security domain: the one that JBoss will use, else the variables, else the greeting alone'
domain() { printf '<datasources><local-tx-datasource><jndi-name>pacsDS</jndi-name><connection-url>jdbc:mysql://127.0.0.1:%s/pacsdb</connection-url><security-domain>PacsLogin</security-domain></local-tx-datasource></datasources>\n' "$1" >"$file"; }
domain "$port"
run dcm-wait-db --once -- echo up
expect_status 0
expect_out up
expect_err "dcm-wait-db: warning: the login is in the security domain 'PacsLogin', which only the server can read: the database greets, nothing else was checked; set MYSQL_USER and MYSQL_PASSWORD to have that checked too"
run env MYSQL_USER=pacs MYSQL_PASSWORD=wrongsecret dcm-wait-db --once
expect_status 77
run env MYSQL_USER=pacs MYSQL_PASSWORD='s&<c>"ñ|$1' dcm-wait-db --once
expect_status 0
expect_err ''
domain "$closed"
run dcm-wait-db --once
expect_status 69
expect_err_like "connection to '127.0.0.1:$closed' refused"
domain "$port"
mariadb_sql <<<"CREATE USER secure@'%' IDENTIFIED BY 'password'; GRANT ALL ON pacsdb.* TO secure@'%'"
mkdir -p "$server/conf"
printf '<policy><application-policy name="PacsLogin"><authentication><login-module code="org.jboss.resource.security.SecureIdentityLoginModule"><module-option name="username">secure</module-option><module-option name="password">5dfc52b51bd35553df8592078de921bc</module-option></login-module></authentication></application-policy></policy>' >"$server/conf/login-config.xml"
run env MYSQL_USER=pacs MYSQL_PASSWORD=wrongsecret dcm-wait-db --once
expect_status 0
expect_err ''
rm -r "$server/conf"

begin 'URLs of other kinds are named'
url() { printf '<datasources><local-tx-datasource><jndi-name>pacsDS</jndi-name><connection-url>%s</connection-url>%s<user-name>pacs</user-name><password>s&amp;&lt;c&gt;"ñ|$1</password></local-tx-datasource></datasources>\n' "$1" "$2" >"$file"; }
url "jdbc:mariadb://127.0.0.1:$port/pacsdb" '<driver-class>org.mariadb.jdbc.Driver</driver-class>'
run dcm-wait-db --once
expect_status 0
expect_err ''
url "jdbc:mariadb://127.0.0.1:$port/pacsdb" '<driver-class>com.mysql.jdbc.Driver</driver-class>'
run dcm-wait-db --once
expect_status 78
expect_err "dcm-wait-db: error: connection-url 'jdbc:mariadb://127.0.0.1:$port/pacsdb' is one of MariaDB's own driver, but <driver-class> is 'com.mysql.jdbc.Driver'; that one logs in to MariaDB as well: begin the URL with 'jdbc:mysql:'"
url 'jdbc:mysql://a/p|jdbc:mysql://b/p' '<url-delimiter>|</url-delimiter>'
run dcm-wait-db --once
expect_status 78
expect_err "dcm-wait-db: error: '$file': <connection-url> is a list of several servers, as <url-delimiter> '|' says; give one server"

begin 'a link of the server'"'"'s user is no datasource'
if [ "$(id -u)" = 0 ]; then
  good
  mv "$file" "$T/real.xml" && ln -s "$T/real.xml" "$file"
  # so that a link of root is not the server's
  chown 11112 "${file%/*}"
  run dcm-wait-db --once
  expect_status 0
  chown -h 11112 "$file"
  run dcm-wait-db --once
  expect_status 66
  expect_err "dcm-wait-db: error: '$file' is a link that user 11112 made, which is not followed; put the file itself there"
  chown 0 "${file%/*}"
  rm "$file"
fi

begin 'a server that closes at once, one that answers nonsense, one that is full: it waits'
command -v socat >/dev/null && {
  odd=$(free_port)
  socat "TCP-LISTEN:$odd,bind=127.0.0.1,fork,reuseaddr" EXEC:true &
  socat=$!
  datasource 127.0.0.1 "$odd" pacsdb pacs x
  wait_for 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$odd"
  run dcm-wait-db --once
  expect_status 69
  expect_err "dcm-wait-db: error: what listens at '127.0.0.1:$odd' closes the connection before it greets; the database behind it is not up yet, or MYSQL_PORT is not a database's"
  kill "$socat"
}
good
mariadb_sql <<<'SET GLOBAL max_connections = 10'
for _ in $(seq 12); do mariadb --no-defaults --host=127.0.0.1 --port="$port" --user=anyone --password=x -e 'SELECT SLEEP(300)' >/dev/null 2>&1 & done
full() { ! dcm-wait-db --once 2>"$T/full" && grep -q 'takes no login yet' "$T/full"; }
wait_for 10 full
mariadb_kill
MARIADB_PORT=$port mariadb_start "$T/db"
run dcm-wait-db --once
expect_status 0

begin 'a wrong password is named, and corrected while it waits'
datasource 127.0.0.1 "$port" pacsdb pacs wrongsecret
MYSQL_CONNECT_RETRY=200ms dcm-wait-db --log-format json -- echo up >"$T/out" 2>"$T/err" &
waiting=$!
wait_for 5 grep -q access_denied "$T/err"
good
wait "$waiting"
status=$?
expect_status 0
expect_out up
expect 'one line for the cause, one for the end' test "$(jq -r .cause "$T/err" | tr '\n' ' ')" = 'access_denied null '
expect 'no password in the log' test "$(grep -c wrongsecret "$T/err")" = 0

begin 'the database comes up, goes and comes again while it waits'
mariadb_stop
dcm-wait-db -- date +%s%3N >"$T/out" 2>"$T/err" &
waiting=$!
wait_for 5 grep -q refused "$T/err"
MARIADB_PORT=$port mariadb_start "$T/db"
up=$(date +%s%3N)
wait "$waiting"
status=$?
expect_status 0
late=$(($(cat "$T/out") - up))
expect "noticed long after it was up: $late ms" test "$late" -lt 2000
expect_err_like 'the database answers after'

begin 'SIGTERM and SIGINT end it, as PID 1 of a container too'
datasource 127.0.0.1 "$closed" pacsdb pacs x
for signal in TERM INT; do
  # a background job of a script ignores SIGINT by default: a process of its own does not
  setsid env --default-signal=INT dcm-wait-db 2>"$T/err" &
  waiting=$!
  wait_for 5 grep -q refused "$T/err"
  kill -"$signal" "$waiting"
  wait "$waiting"
  status=$?
  expect_status "$([ "$signal" = TERM ] && echo 143 || echo 130)"
done
if [ "$(id -u)" = 0 ] && unshare -p -f true 2>/dev/null; then
  : >"$T/err"
  unshare -p -f --kill-child dcm-wait-db 2>"$T/err" &
  outer=$!
  wait_for 5 grep -q refused "$T/err"
  kill -TERM "$(pgrep -P "$outer")"
  wait "$outer"
  status=$?
  expect_status 143
fi

begin 'MYSQL_CONNECT_RETRY that is no time: a warning, not a failure'
good
run env MYSQL_CONNECT_RETRY=soon dcm-wait-db
expect_status 0
expect_err "dcm-wait-db: warning: MYSQL_CONNECT_RETRY: 'soon' is not a period such as 30, 500ms or 2m, at least 100ms, ignoring; using 30"
run env MYSQL_RETRY_CONNECT=0 dcm-wait-db
expect_status 0
expect_err "dcm-wait-db: warning: MYSQL_RETRY_CONNECT: '0' is not a period such as 30, 500ms or 2m, at least 100ms, ignoring; using 30"
run env MYSQL_RETRY_CONNECT=0 MYSQL_CONNECT_RETRY=5 dcm-wait-db
expect_status 0
expect_err ''
run env MYSQL_RETRY_CONNECT=5 dcm-wait-db
expect_status 0
expect_err ''

begin 'a command line that is wrong: 64, what is wrong, and nothing is tried'
wrong() { # MESSAGE ARGUMENT...
  local message=$1
  shift
  run dcm-wait-db "$@" -- echo never
  expect_status 64
  expect_out ''
  expect_err "dcm-wait-db: error: $message; try 'dcm-wait-db --help'"
}
for period in 0 99ms -1 soon 30x; do
  wrong "option '--interval': '$period' is not a period such as 30, 500ms or 2m, at least 100ms" "--interval=$period"
done
wrong "option '--timeout': 'x' is not a duration such as 30, 500ms, 2m or 1h" --timeout x
wrong "option '--archive-check': 'of' is not stop, warn or off" --check-archive "$T" --archive-check of
wrong "unknown option '--apply-settings'" --apply-settings
wrong "option '--once' given twice" --once --once

begin 'the variables alone: refused as they are when they are written'
from_env() { # MESSAGE NAME=VALUE...
  local message=$1
  shift
  run env "$@" dcm-wait-db --from-env --once
  expect_status 78
  expect_err "dcm-wait-db: error: $message"
}
from_env "port: 'x' is not a port; give a number from 1 to 65535" MYSQL_PORT=x
from_env 'both MYSQL_USER and MYSQL_USER_FILE are set; keep one of them' MYSQL_USER=u MYSQL_USER_FILE=/u
from_env 'the password cannot be used: it holds a tab, line end, control character or something that is not UTF-8; choose another password' MYSQL_PASSWORD=$'x\r'
from_env "MYSQL_JDBC_PARAMS is no list name=value&name=value: 'useSSL' has no value" MYSQL_JDBC_PARAMS=useSSL
finish
