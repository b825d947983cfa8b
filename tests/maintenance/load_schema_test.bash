#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# load-schema against a real server: fresh, half there, foreign, and every way a login can fail or look odd.
# shellcheck disable=SC2016
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/../cli/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$(dirname "$0")/../lib/mariadb.bash"
# shellcheck source=tests/integration/schema/compare.bash
. "$(dirname "$0")/../integration/schema/compare.bash"
tool=$DCM_SOURCE/scripts/maintenance/load-schema
trap mariadb_stop EXIT
mariadb_start "$T/db" --innodb-flush-method=nosync || exit 1
where="on 127.0.0.1:$MARIADB_PORT"

# the client in front of the real one, writing down what everybody on the machine can see of it
mkdir "$T/bin"
printf '#!/bin/sh\nprintf "%%s\\n" "$0" "$@" >>"%s"\nexec %s "$@"\n' "$T/argv" "$(command -v mariadb)" >"$T/bin/mariadb"
chmod +x "$T/bin/mariadb"

sql=$DCM_SOURCE/create-mysql.sql
load() { # [NAME=VALUE...] [ARG...]: in an environment of its own
    local settings=()
    while [[ ${1:-} == [A-Z]*=* ]]; do
        settings+=("$1")
        shift
    done
    run env -i PATH="$T/bin:$PATH" HOME="$T" MYSQL_HOST=127.0.0.1 MYSQL_PORT="$MARIADB_PORT" \
        "${settings[@]}" "$tool" --schema "$sql" "$@"
}
on() {
    mariadb_sql pacsdb
}
fresh() { # PASSWORD
    mariadb_sql <<<'DROP DATABASE IF EXISTS pacsdb'
    mariadb_create pacsdb pacs "$1"
}
dump() {
    mariadb-dump --no-defaults --socket="$MARIADB_SOCKET" --user=root --skip-comments pacsdb
}

begin 'help needs nothing'
run env -i PATH="$PATH" "$tool" --help
expect_status 0
expect_err ''
expect_out_like '^Usage: load-schema'
run env -i PATH="$PATH" "$tool" --nope
expect_status 64
expect_err "load-schema: error: unknown option '--nope'; try 'load-schema --help'"

begin 'a dry run changes nothing'
fresh pacs
load --dry-run
expect_status 0
expect_out_like "would create table ae"$'\n'".*would create 55 tables in 'pacsdb' $where"
expect 'no table' test "$(on <<<'SHOW TABLES')" = ''

begin 'a fresh database is filled, with the defaults of user and password'
load
expect_status 0
expect_err ''
expect_out "load-schema: created 55 tables in 'pacsdb' $where; users, roles and ae hold 13 rows"
expect 'the schema differs from the lists' schema_differences on

begin 'a second run changes nothing and says so'
dump >"$T/before"
load
expect_status 0
expect_out "load-schema: 'pacsdb' $where is complete, nothing was changed"
expect 'the same' cmp "$T/before" <(dump)

begin 'what is missing is added; the tables of JBoss Messaging and the columns of a site are no obstacle'
on <<<"DROP TABLE verify_observer; DROP TABLE ups_req; CREATE TABLE JBM_MSG (a INT); CREATE TABLE TIMERS (a INT);
    ALTER TABLE ae ADD site_note INT; UPDATE users SET passwd = 'own'"
load
expect_status 0
expect_out_like '^load-schema: created 2 tables '
expect 'the password stays' test "$(on <<<"SELECT DISTINCT passwd FROM users")" = own

begin 'a database of something else is refused unchanged'
fresh pacs
on <<<'CREATE TABLE patients (id INT); CREATE TABLE code (pk BIGINT, code_value INT)'
dump >"$T/before"
load
expect_status 69
expect_out ''
expect_err "load-schema: error: 'pacsdb' $where holds tables of something else (patients), nothing was changed; give the archive a database of its own"
expect 'the same' cmp "$T/before" <(dump)
begin 'a long list is cut between names'
on <<<"$(printf 'CREATE TABLE other_%s (id INT);' 1 2 3 4 5 6 7 8)"
load
expect_status 69
expect_err_like 'something else \(other_1 other_2 other_3 other_4 other_5 other_6 other_7 other_8 and 1 more\), nothing'
on <<<"$(printf 'DROP TABLE other_%s;' 1 2 3 4 5 6 7 8)"
begin 'so is one whose tables only have the same names'
on <<<'DROP TABLE patients'
load
expect_status 69
expect_err_like 'lack columns \(code\.code_designator code\.code_meaning code\.code_version\), nothing was changed'

begin 'passwords of every kind arrive, in no argument'
: >"$T/argv"
for password in 'two words' 'a"b' "a'b" 'a#b' 'a;b' 'a\b' '\n' 'a=b' '[client]' 'contraseña' '${x}`id`' '!include /etc/passwd'; do
    fresh "$password"
    load MYSQL_PASSWORD="$password" --dry-run
    [ "$status" = 0 ] || fail "password <$password>: $(cat "$T/err")"
    printf '%s\n' "$password" >"$T/secret"
    load MYSQL_PASSWORD_FILE="$T/secret" --dry-run
    [ "$status" = 0 ] || fail "password file <$password>: $(cat "$T/err")"
    # matched as a whole argument and as a part of one
    expect "<$password> is in an argument" test "$(grep -cF -e "$password" "$T/argv")" = 0
done
expect 'the client was watched' test -s "$T/argv"

begin 'what the variables leave open is what the archive logs in with'
fresh 'from <the> file'
mkdir -p "$T/home/server/default/deploy"
cat >"$T/home/server/default/deploy/pacs-mysql-ds.xml" <<E_DATASOURCE
<datasources><local-tx-datasource><jndi-name>pacsDS</jndi-name>
<connection-url>jdbc:mysql://127.0.0.1:$MARIADB_PORT/pacsdb?useUnicode=true</connection-url>
<user-name>pacs</user-name><password>from &lt;the&gt; file</password></local-tx-datasource></datasources>
E_DATASOURCE
from_file() {
    run env -i PATH="$T/bin:$PATH" HOME="$T" DCM4CHEE_HOME="$T/home" "$@" "$tool" --schema "$sql" --dry-run
}
from_file
expect_status 0
expect_out_like "in 'pacsdb' $where"
from_file MYSQL_PASSWORD=wrong
expect_status 77

begin 'one verdict for everybody: what Windows editors leave, and what JBoss cannot use'
fresh right
printf '\xef\xbb\xbfright\r\n' >"$T/secret"
load MYSQL_PASSWORD_FILE="$T/secret" --dry-run
expect_status 0
load MYSQL_PASSWORD=' edges ' --dry-run
expect_status 78

begin 'contradictions and unreadable secrets'
load MYSQL_PASSWORD=a MYSQL_PASSWORD_FILE="$T/secret"
expect_status 78
expect_err_like '^dcm-configure-db: error: both MYSQL_PASSWORD and MYSQL_PASSWORD_FILE are set'
load MYSQL_USER_FILE="$T/none"
expect_status 66
expect_err_like "^dcm-configure-db: error: cannot read '$T/none': no such file; MYSQL_USER_FILE names it"
load MYSQL_PORT=x
expect_status 78
load --schema "$T/none"
expect_status 66
load --schema "$T/secret"
expect_status 66

begin 'what the server says is named'
fresh right
load MYSQL_PASSWORD=wrong
expect_status 77
expect_err_like "^load-schema: error: access denied to 'pacsdb' $where as 'pacs'; check .*: 1045"
mariadb_sql <<<'CREATE DATABASE IF NOT EXISTS other'
load MYSQL_PASSWORD=right MYSQL_DATABASE=other
expect_status 77
mariadb_sql <<<"GRANT SELECT ON *.* TO pacs"
load MYSQL_PASSWORD=right MYSQL_DATABASE=nowhere
expect_status 69
expect_err_like "no database 'nowhere'"
mariadb_sql <<<"REVOKE CREATE ON pacsdb.* FROM pacs"
load MYSQL_PASSWORD=right
expect_status 77
expect_err_like '1142'
mariadb_stop
load
expect_status 69
expect_err_like "cannot reach 'pacsdb'"
finish
