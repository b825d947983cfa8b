#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# create-mysql.sql on a real server: every table, column, index and key as the lists say; harmless when run again.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/../cli/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$(dirname "$0")/../lib/mariadb.bash"
# shellcheck source=tests/integration/schema/compare.bash
. "$(dirname "$0")/schema/compare.bash"
script=$DCM_SOURCE/create-mysql.sql
trap mariadb_stop EXIT
mariadb_start "$T/db" --character-set-server=latin1 --collation-server=latin1_swedish_ci \
    --innodb-flush-method=nosync || exit 1

on() { # DATABASE: what follows on stdin
    mariadb_sql "$1"
}
fresh() { # DATABASE
    mariadb_sql <<<"DROP DATABASE IF EXISTS $1; CREATE DATABASE $1"
}
everything() { # DATABASE: definitions and rows, without the date of the dump and the next value of a counter
    mariadb-dump --no-defaults --socket="$MARIADB_SOCKET" --user=root --skip-dump-date --skip-comments "$1" |
        sed 's/ AUTO_INCREMENT=[0-9]*//'
}
load() { # DATABASE
    status=0
    mariadb_sql --show-warnings "$1" <"$script" >"$T/out" 2>"$T/err" || status=$?
}
unchanged_by_another_run() { # DATABASE
    everything "$1" >"$T/before"
    load "$1"
    expect_status 0
    everything "$1" >"$T/after"
    expect "the second run changed something: $(diff "$T/before" "$T/after")" cmp -s "$T/before" "$T/after"
}

begin 'a fresh database becomes the one of the lists, in silence, whatever the defaults of the server'
fresh pacsdb
load pacsdb
expect_status 0
expect_out ''
expect_err ''
expect 'the schema differs from the lists' schema_differences on pacsdb
begin 'the lists are the whole of what the server expects'
expect '55 tables' test "$(tail -n +2 "$schema_lists/columns.csv" | cut -d, -f1 | sort -u | wc -l)" = 55
expect '392 columns' test "$(tail -n +2 "$schema_lists/columns.csv" | wc -l)" = 392
expect '76 foreign keys' test "$(tail -n +2 "$schema_lists/foreign_keys.csv" | wc -l)" = 76
begin 'the list built into dcm-wait-db is the same'
expect 'lib/dcm/db/schema.csv differs' \
    cmp "$DCM_SOURCE/lib/dcm/db/schema.csv" <(tail -n +2 "$schema_lists/columns.csv" | cut -d, -f1,3)

begin 'the initial rows'
run mariadb_sql pacsdb -e 'SELECT * FROM users ORDER BY user_id;
    SELECT user_id, GROUP_CONCAT(roles ORDER BY roles) FROM roles GROUP BY user_id ORDER BY user_id;
    SELECT pk, aet, hostname, port, IFNULL(pat_id_issuer, "-"), ae_desc, installed + 0 FROM ae ORDER BY pk'
expect_out $'admin\t0DPiKuNIrrVmD8IUCuw1hQxNqZc=
user\tEt6pb+wgWTVmq3VpLJlJWWgzrck=
admin\tAuditLogUser,Doctor,JBossAdmin,McmUser,WebAdmin,WebUser
user\tDoctor,McmUser,WebUser
1\tDCM4CHEE\tlocalhost\t11112\tDCM4CHEE\tThis dcm4chee archive instance\t1
2\tCDRECORD\tlocalhost\t10104\t-\tMedia Creation Server (part of dcm4chee)\t1'
for user in admin user; do
    hash=$(printf '%s' "$user" | openssl dgst -sha1 -binary | base64)
    expect "password of $user" test "$(on pacsdb <<<"SELECT passwd FROM users WHERE user_id = '$user'")" = "$hash"
done

begin 'identifiers compare bytes'
expect 'a second title that differs in case only' on pacsdb \
    <<<"INSERT INTO ae (aet, hostname, port, installed) VALUES ('dcm4chee', 'h', 1, 0); DELETE FROM ae WHERE aet = 'dcm4chee'"

begin 'running it again changes nothing'
unchanged_by_another_run pacsdb

begin 'an archive in use keeps its password, its titles and its users'
on pacsdb <<<"UPDATE users SET passwd = 'changed' WHERE user_id = 'admin'; DELETE FROM roles WHERE user_id = 'user';
    DELETE FROM users WHERE user_id = 'user'; UPDATE ae SET aet = 'HOSPITAL' WHERE pk = 1; DELETE FROM ae WHERE pk = 2"
unchanged_by_another_run pacsdb
begin 'even one that has nothing but a patient left'
on pacsdb <<<"DELETE FROM ae; DELETE FROM roles; DELETE FROM users; INSERT INTO patient (pat_id) VALUES ('1')"
unchanged_by_another_run pacsdb

begin 'a load cut short anywhere is completed by the next'
fresh whole
load whole
everything whole >"$T/whole"
statements=$(grep -c ';$' "$script")
for stop in 1 30 55 60 61 62 $((statements - 1)); do
    fresh cut
    awk -v stop="$stop" '{ print } /;$/ && ++n == stop { exit }' "$script" | on cut
    load cut
    expect_status 0
    everything cut >"$T/cut"
    expect "cut after statement $stop: $(diff "$T/whole" "$T/cut" | head)" cmp -s "$T/whole" "$T/cut"
done
begin 'so is one by a script without a transaction, and a site keeps what it has of the rows'
fresh cut
awk '/^CREATE/,/^\)/' "$script" | on cut
on cut <<<"INSERT INTO users VALUES ('admin', 'own')"
load cut
expect_status 0
run mariadb_sql cut -e 'SELECT * FROM users; SELECT COUNT(*) FROM roles; SELECT COUNT(*) FROM ae'
expect_out $'admin\town\n6\n2'

begin 'two at once: one set of rows'
fresh twice
for loader in 1 2; do
    on twice <"$script" >/dev/null 2>&1 &
    loaders[loader]=$!
done
wait "${loaders[1]}" "${loaders[2]}" || : # the one that came second may be refused by the unique keys
unchanged_by_another_run twice
expect 'the same as one' diff "$T/whole" "$T/after"

begin 'nothing chooses a database, so that the caller does'
expect 'no CREATE DATABASE, no USE' test "$(grep -ciE '^ *(CREATE DATABASE|USE) ' "$script")" = 0
finish
