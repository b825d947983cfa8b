#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The chain, end to end: an image sent over DICOM is stored, survives a restart of everything, and is found again; a late
# database, a wrong password corrected while it waits, a broken crontab.
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$here/lib/mariadb.bash"
# shellcheck source=tests/lib/dicom.bash
. "$here/lib/dicom.bash"
# shellcheck source=tests/lib/chain.bash
. "$here/lib/chain.bash"
chain_needs
trap chain_cleanup EXIT
crontab_before=$(crontab -l 2>&1)
chain_prepare || exit 1
port=$chain_dicom_port

begin 'an image is stored and found'
chain_start
wait_for 60 chain_ready
dicom_make "$T/one.dcm" 'MUÑOZ^ANA' 2.25.111
run dicom_store "$port" "$T/one.dcm"
expect_status 0
expect 'found' test "$(dicom_find "$port" '*')" = 2.25.111
expect 'ready is said' chain_says 'Started in [0-9]+s:[0-9]+ms'
expect 'the password is in no log' test "$(grep -cF 'pass&' "$T/chain.log" "$chain_volume/log/server.log" | grep -cv ':0')" = 0

begin 'PID 1 is small while it serves, and maps neither connector nor OpenSSL'
pid1=$(chain_pid1)
expect 'it is dcm-start' grep -qx dcm-start "/proc/$pid1/comm"
expect 'no connector, no OpenSSL' test "$(grep -cE 'mysqlcppconn|mariadb|libssl|libcrypto' "/proc/$pid1/maps")" = 0
if [ -z "${DCM_SANITIZE:-}" ]; then
  most=6144 # what is not optimised is larger
  grep -q '^CMAKE_BUILD_TYPE:[^=]*=Debug' "$DCM_BUILD/CMakeCache.txt" && most=7168
  expect "VmRSS at most $most kB" test "$(awk '/^VmRSS/ { print $2 }' "/proc/$pid1/status")" -le $most
  expect 'RssAnon at most 1 MB' test "$(awk '/^RssAnon/ { print $2 }' "/proc/$pid1/status")" -le 1024
fi

begin 'status, health and readiness tell of it; a restart on request comes back with the image'
chain_is_ready() { chain_exec dcm-start --ready; }
wait_for 30 chain_is_ready
run chain_exec dcm-start --health
expect_status 0
expect_out 'ready: C-ECHO accepted'
run chain_exec dcm-start --status
expect_status 0
expect_out_like "^state:      ready .*dicom:      port $port, AE title DCM4CHEE: accepted"
# as cron does it: hardly any environment
run chain_exec env -i PATH="$PATH" SHELL=/bin/sh sh -c 'dcm-start --restart --reason nightly'
expect_status 0
expect_err_like 'ready again, away for [0-9]+ m?s: C-ECHO accepted'
expect 'found' test "$(dicom_find "$port" '*')" = 2.25.111
expect 'the log of the time before is kept' test "$(find "$chain_volume/log" -name 'server.log.2*' | wc -l)" = 1
expect 'PID 1 is the same' test "$(chain_pid1)" = "$pid1"

begin 'a stop is graceful, and its status 0'
chain_stop
expect_status 0
expect 'the server said good-bye' chain_says 'Halting VM'

begin 'after a restart it is found again, and the volume was left alone'
chain_start
wait_for 60 chain_ready
expect 'found' test "$(dicom_find "$port" '*')" = 2.25.111
expect 'not filled again' test "$(grep -cE 'filled|updated' "$T/chain.log")" = 0
chain_stop

begin 'the database comes up 5 s after the chain'
mariadb_stop
chain_start
wait_for 10 chain_says "connection to '127.0.0.1:$MARIADB_PORT' refused"
sleep 5 # the case itself: five seconds without a database
expect 'still waiting' chain_alive
run chain_exec dcm-start --health
expect_status 0
expect_out_like '^starting: waiting for the database'
run chain_exec dcm-start --ready
expect_status 75
MARIADB_PORT=$MARIADB_PORT mariadb_start "$T/db"
wait_for 60 chain_ready
expect 'found' test "$(dicom_find "$port" '*')" = 2.25.111
chain_stop
expect_status 0

begin 'a wrong password is named, and corrected while it waits'
chain_start MYSQL_PASSWORD=wrong
wait_for 20 chain_says "access denied for user 'sandbox'"
mariadb_sql <<<"ALTER USER sandbox@'%' IDENTIFIED BY 'wrong'"
wait_for 60 chain_ready
expect 'found' test "$(dicom_find "$port" '*')" = 2.25.111
chain_stop
mariadb_create sandbox sandbox 'pass&<>"word'

begin 'a broken crontab is named, and the archive comes up all the same'
printf 'this is no job line\n' >"$chain_crontab"
chain_start
wait_for 60 chain_ready
expect 'named' chain_says 'dcm-cron-load: .*(error|warning)'
chain_stop
expect_status 0
rm "$chain_crontab" && mkdir "$chain_crontab"
chain_start
wait_for 60 chain_ready
expect 'named' chain_says 'dcm-cron-load: .*directory'
chain_stop
rmdir "$chain_crontab"
printf '# no jobs\n' >"$chain_crontab"

begin 'killed with SIGKILL, all is there at the next start'
chain_start
wait_for 60 chain_ready
dicom_make "$T/two.dcm" 'LOPEZ^LUIS' 2.25.222
dicom_store "$port" "$T/two.dcm"
chain_stop KILL
chain_start
wait_for 60 chain_ready
expect 'both found' test "$(dicom_find "$port" '*' | tr '\n' ' ')" = '2.25.111 2.25.222 '
chain_stop

begin "this machine's crontab is what it was"
expect 'same' test "$(crontab -l 2>&1)" = "$crontab_before"
finish
