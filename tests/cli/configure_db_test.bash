#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-configure-db as a user calls it: precedence, secrets, idempotence, refusals that change nothing.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
export DCM4CHEE_HOME=$T/home
file=$T/home/server/default/deploy/pacs-mysql-ds.xml
mkdir -p "${file%/*}" "$T/home/server/default/.dcm"
fresh() {
  printf '<datasources>\r\n <local-tx-datasource>\r\n  <jndi-name>pacsDS</jndi-name>\r\n  <connection-url>jdbc:mysql://localhost:3306/pacsdb</connection-url>\r\n  <user-name>pacs</user-name>\r\n  <password>pacs</password>\r\n  <valid-connection-checker-class-name>x.Checker</valid-connection-checker-class-name>\r\n </local-tx-datasource>\r\n</datasources>\r\n' >"$file"
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
expect 'CRLF stays' test "$(grep -c $'\r$' "$file")" = 9
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

begin 'each kind of setting that cannot be used: 78 with the reason, and nothing changes'
refused() { # MESSAGE NAME=VALUE...
  local message=$1
  shift
  run env "$@" dcm-configure-db -- echo never
  expect_status 78
  expect_out ''
  expect_err "dcm-configure-db: error: $message"
}
refused "MYSQL_JDBC_PARAMS is no list name=value&name=value: 'useSSL' has no value" MYSQL_JDBC_PARAMS=useSSL
refused "MYSQL_JDBC_PARAMS sets 'password'; it belongs in MYSQL_USER or MYSQL_PASSWORD" MYSQL_JDBC_PARAMS='a=b&password=x'
refused "database: 'a/b' holds '/', which a JDBC URL cannot carry" MYSQL_DATABASE=a/b
run dcm-configure-db --pool-min 1
expect_status 64
expect_err "dcm-configure-db: error: unknown option '--pool-min'; try 'dcm-configure-db --help'"
expect unchanged unchanged

begin 'a mistyped variable is hinted at'
run env MYSQL_PASSWROD=x dcm-configure-db
expect_status 0
expect_err "dcm-configure-db: warning: unknown variable 'MYSQL_PASSWROD', ignoring; did you mean MYSQL_PASSWORD?"

begin 'what links, Kubernetes and the official images put there is nobody'"'"'s typo'
run env MYSQL_PORT=tcp://10.0.0.1:3306 MYSQL_PORT_3306_TCP=x MYSQL_PORT_3306_TCP_ADDR=x MYSQL_SERVICE_HOST=x MYSQL_SERVICE_PORT=x \
  MYSQL_ENV_MYSQL_VERSION=x MYSQL_NAME=x MYSQL_ROOT_PASSWORD=x MYSQL_ROOT_HOST=x MYSQL_ALLOW_EMPTY_PASSWORD=x MYSQL_RANDOM_ROOT_PASSWORD=x \
  MYSQL_ONETIME_PASSWORD=x MYSQL_INITDB_SKIP_TZINFO=x MYSQL_ROOT_PASSWORD_FILE=x MYSQL_MAJOR=x MYSQL_VERSION=x MYSQL_SHELL_VERSION=x \
  MARIADB_ROOT_PASSWORD=x MARIADB_USER=x MYSQL_TCP_PORT=x MYSQL_UNIX_PORT=x dcm-configure-db
expect_status 0
expect_err "dcm-configure-db: MYSQL_PORT is 'tcp://10.0.0.1:3306', set by a container link, ignoring"
expect unchanged unchanged

begin 'parameters, checker: option beats environment beats file'
fresh
sed -i 's/pacsdb</pacsdb?connectTimeout=1\&amp;a=b</; /valid-connection/d' "$file"
run env MYSQL_JDBC_PARAMS='connectTimeout=2&c=%26' dcm-configure-db
expect_status 0
expect 'url' grep -qF 'pacsdb?connectTimeout=2&amp;a=b&amp;c=%26</connection-url>' "$file"
expect 'checker' grep -qF '<valid-connection-checker-class-name>org.jboss.resource.adapter.jdbc.vendor.MySQLValidConnectionChecker</' "$file"
run env MYSQL_JDBC_PARAMS='c=d' dcm-configure-db --jdbc-params e=f
expect 'option' grep -qF 'c=%26&amp;e=f<' "$file"
sed -i '/valid-connection/d' "$file"
remember
run dcm-configure-db --no-connection-checker
expect_status 0
expect unchanged unchanged

begin '--diff and --check change nothing and show no password, old or new'
fresh
sed -i 's/>pacs<\/password/>old-secret<\/password/' "$file"
chmod 644 "$file"
remember
run env MYSQL_PASSWORD=new-secret MYSQL_JDBC_PARAMS=trustCertificateKeyStorePassword=third-secret dcm-configure-db --diff
expect_status 0
expect_err ''
expect_out 'connection-url: jdbc:mysql://localhost:3306/pacsdb -> jdbc:mysql://localhost:3306/pacsdb?trustCertificateKeyStorePassword=***
password: *** -> ***'
run env MYSQL_HOST=db dcm-configure-db --diff --check
expect_status 75
expect_out 'connection-url: jdbc:mysql://localhost:3306/pacsdb -> jdbc:mysql://db:3306/pacsdb'
run env MYSQL_HOST=db dcm-configure-db --check
expect_status 75
expect_out ''
expect_err ''
run dcm-configure-db --check
expect_status 0
run dcm-configure-db --diff
expect_status 0
expect_out ''
expect unchanged unchanged

begin 'a file that holds a password is not for everybody: 0640 or stricter, owner kept'
run env MYSQL_HOST=one dcm-configure-db
expect 'tightened' test "$(stat -c %a "$file")" = 640
chmod 600 "$file"
[ "$(id -u)" != 0 ] || chown 11112:11112 "$file"
owner=$(stat -c %u:%g "$file")
run env MYSQL_HOST=two dcm-configure-db
expect 'stricter stays' test "$(stat -c %a:%u:%g "$file")" = "600:$owner"
chmod 640 "$file"
run env MYSQL_HOST=db dcm-configure-db
remember

begin 'another file, another datasource'
printf '<datasources>\n<!-- <jndi-name>arrDS</jndi-name> -->\n<local-tx-datasource>\n<jndi-name>arrDS</jndi-name>\n<connection-url>jdbc:mysql://a/arr</connection-url>\n</local-tx-datasource>\n<local-tx-datasource><jndi-name>pgDS</jndi-name><connection-url>jdbc:postgresql://a/p</connection-url></local-tx-datasource></datasources>\n' >"$T/arr-mysql-ds.xml"
run env MYSQL_HOST=db dcm-configure-db --datasource "$T/arr-mysql-ds.xml" --jndi arrDS --database arr2
expect_status 0
expect 'url' grep -qxF '<connection-url>jdbc:mysql://db:3306/arr2</connection-url>' "$T/arr-mysql-ds.xml"
run dcm-configure-db --datasource "$T/arr-mysql-ds.xml" --jndi pgDS
expect_status 78
expect_err "dcm-configure-db: error: connection-url 'jdbc:postgresql://a/p' is not of MySQL or MariaDB; it has to begin with 'jdbc:mysql:'"
expect unchanged unchanged

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
# so that a link of root is not the server's
[ "$(id -u)" != 0 ] || chown 11112:11112 "${file%/*}"
run env MYSQL_HOST=linked dcm-configure-db
expect_status 0
expect 'link' test -L "$file"
expect 'target' grep -q linked "$T/real.xml"
[ "$(id -u)" != 0 ] || chown 0:0 "${file%/*}"
rm "$file"

begin 'a link of the server'"'"'s user is no datasource: refused, and what it leads to is neither read nor written'
if [ "$(id -u)" = 0 ]; then
  printf '<datasources><oops>secret of root</oops></datasources>' >"$T/of-root.xml"
  ln -s "$T/of-root.xml" "$file" && chown -h 11112:11112 "$file"
  for arguments in '' --diff --check --print-login; do
    run env MYSQL_HOST=linked dcm-configure-db $arguments
    expect_status 66
    expect_out ''
    expect_err "dcm-configure-db: error: '$file' is a link that user 11112 made, which is not followed; put the file itself there"
  done
  mv "${file%/*}" "$T/deploy" && ln -s "$T/deploy" "${file%/*}" && chown -h 11112:11112 "${file%/*}"
  run dcm-configure-db
  expect_status 66
  expect_err_like "is a link that user 11112 made, which is not followed"
  expect 'not written' test "$(cat "$T/of-root.xml")" = '<datasources><oops>secret of root</oops></datasources>'
  rm "${file%/*}" && mv "$T/deploy" "${file%/*}" && rm "$file"
fi

begin 'a full disk: what is optional is left out, what is not ends the start'
fresh
sed -i '/valid-connection/d' "$file"
on_full_disk() { # ARGUMENT...; standard error goes through a pipe, as the size of every file is limited
  (trap '' XFSZ && ulimit -f 0 && exec env "$@") 2>&1 >/dev/null | cat >"$T/err"
  status=${PIPESTATUS[0]}
}
remember
on_full_disk dcm-configure-db
expect_status 0
expect_err_like "^dcm-configure-db: warning: cannot write '.*': file too large, ignoring; without the connection checker, which was to be added, the first query after a restart of the database fails$"
expect unchanged unchanged
on_full_disk MYSQL_HOST=db dcm-configure-db
expect_status 74
expect_err_like "^dcm-configure-db: error: cannot write '.*': file too large"
expect unchanged unchanged
expect 'nothing left' test -z "$(ls -A "$T/home/server/default/.dcm")"

begin 'what cannot be written: nothing changes'
fresh
if [ "$(id -u)" = 0 ]; then
  chmod 711 "$T"
  chmod 755 "$T/home" "$T/home/server" "$T/home/server/default" "${file%/*}"
  chmod 755 "$T/home/server/default/.dcm"
  chmod 644 "$file"
  remember
  run setpriv --reuid 65534 --regid 65534 --clear-groups env MYSQL_HOST=x "$(command -v dcm-configure-db)"
  expect_status 77
  expect_err_like "error: cannot create '.*': permission denied"
  expect unchanged unchanged
fi

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
begin 'the login for a pipe: whole, as the settings and the file make it, and never on a terminal'
printf '<datasources><local-tx-datasource><jndi-name>pacsDS</jndi-name><connection-url>jdbc:mysql://h.x:3307/db1?a=b&amp;useSSL=true</connection-url><user-name>u</user-name><password>p&amp;q r</password></local-tx-datasource></datasources>\n' >"$T/login.xml"
printed() { # EXPECTED [NAME=VALUE...] -- ARGUMENT...
  local expected=$1 settings=()
  shift
  while [ "$1" != -- ]; do
    settings+=("$1")
    shift
  done
  shift
  env "${settings[@]}" dcm-configure-db --print-login "$@" >"$T/login" 2>"$T/err" || fail "status $?: $(cat "$T/err")"
  expect "six parts: $(tr '\0' '|' <"$T/login")" test "$(tr '\0' '|' <"$T/login")" = "$expected|"
}
printed 'h.x|3307|db1|u|p&q r|prefer' -- --datasource "$T/login.xml"
printf 'from file\r\n' >"$T/secret"
printed 'db|3307|db1|u|from file|require' MYSQL_HOST=db MYSQL_PASSWORD_FILE="$T/secret" MYSQL_JDBC_PARAMS=requireSSL=true -- --datasource "$T/login.xml"
printed 'h.x|3307|other|me|p&q r|prefer' MYSQL_USER=you -- --datasource "$T/login.xml" --user me --database other
printed 'localhost|3306|pacsdb|pacs|pacs|off' -- --datasource "$T/none.xml"
printed 'db|3306|pacsdb|pacs|x|off' MYSQL_HOST=db MYSQL_PASSWORD=x -- --datasource "$T/none.xml"
run script -qec "dcm-configure-db --print-login --datasource '$T/login.xml'" /dev/null
expect_status 64
expect 'not shown' test "$(grep -c 'p&q' "$T/out")" = 0
run env MYSQL_PASSWORD_FILE="$T/secret" MYSQL_PASSWORD=x dcm-configure-db --print-login --datasource "$T/none.xml"
expect_status 78
expect_out ''
expect_err 'dcm-configure-db: error: both MYSQL_PASSWORD and MYSQL_PASSWORD_FILE are set; keep one of them'
run env MYSQL_PORT=x dcm-configure-db --print-login --datasource "$T/login.xml"
expect_status 78
echo '<oops' >"$T/oops.xml"
run dcm-configure-db --print-login --datasource "$T/oops.xml"
expect_status 65
expect_out ''

begin 'a login that is in a security domain'
printf '<datasources><local-tx-datasource><jndi-name>pacsDS</jndi-name><connection-url>jdbc:mysql://h/db1</connection-url><security-domain>PacsLogin</security-domain></local-tx-datasource></datasources>\n' >"$file"
run dcm-configure-db --print-login
expect_status 69
expect_out ''
expect_err "dcm-configure-db: error: the login is in the security domain 'PacsLogin', which only the server can read; set MYSQL_USER and MYSQL_PASSWORD"
printed 'h|3306|db1|u|p|off' MYSQL_USER=u MYSQL_PASSWORD=p --
mkdir -p "$T/home/server/default/conf"
printf '<policy><application-policy name="PacsLogin"><authentication><login-module code="org.jboss.resource.security.SecureIdentityLoginModule"><module-option name="username">pacs</module-option><module-option name="password">5dfc52b51bd35553df8592078de921bc</module-option></login-module></authentication></application-policy></policy>' >"$T/home/server/default/conf/login-config.xml"
printed 'h|3306|db1|pacs|password|off' MYSQL_USER=u MYSQL_PASSWORD=p --
run env MYSQL_USER=u MYSQL_HOST=h dcm-configure-db --no-connection-checker
expect_status 0
expect_err_like "warning: '$file' takes user and password from a security domain"
rm -r "$T/home/server/default/conf"

begin 'a file that holds nobody up'
mkfifo "$T/fifo.xml"
run timeout 10 dcm-configure-db --datasource "$T/fifo.xml"
expect_status 66
expect_err "dcm-configure-db: error: cannot read '$T/fifo.xml': not a regular file"
finish
