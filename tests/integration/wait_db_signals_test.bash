#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-wait-db ends at once on a signal in every phase, and does no harm while it waits: how many connections it makes, whether
# a server would come to block the client. In network and mount namespaces of its own.
if [ "${DCM_TEST_NET:-}" != 1 ]; then
  if [ "$(id -u)" != 0 ] || ! unshare -m -n true 2>/dev/null; then
    printf 'skipped: needs root and namespaces\n'
    exit 77
  fi
  exec env DCM_TEST_NET=1 unshare -m -n bash "$0"
fi
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/../cli/harness.bash"
command -v ip >/dev/null && command -v socat >/dev/null || skip 'needs ip and socat'
# shellcheck source=tests/lib/mariadb.bash
. "$(dirname "$0")/../lib/mariadb.bash"
# shellcheck source=tests/lib/datasource.bash
. "$(dirname "$0")/../lib/datasource.bash"
command -v mariadbd >/dev/null || skip 'no mariadb-server'
trap 'mariadb_stop; kill $(jobs -p) 2>/dev/null' EXIT
ip link set lo up
ip addr add 10.9.9.1/32 dev lo

# Ends `$waiting` by TERM; a phase that were waited for to its end would take 10 s or more.
ends_at_once() {
  local begin=$EPOCHREALTIME end
  kill -TERM "$waiting"
  wait "$waiting"
  status=$?
  end=$EPOCHREALTIME
  expect_status 143
  local took=$(((${end/[.,]/} - ${begin/[.,]/}) / 1000))
  printf '%s: %s ms\n' "$title" "$took"
  expect "took $took ms" test "$took" -lt 3000
}

begin 'SIGTERM while the name server does not answer'
# what is bound over it must be a file of its own: a link would be followed to the machine's
printf 'nameserver 127.0.0.1\n' >"$T/resolv"
printf 'hosts: files dns\n' >"$T/nsswitch"
printf "127.0.0.1 localhost %s\n" "$(uname -n)" >"$T/hosts"
for name in resolv:resolv.conf nsswitch:nsswitch.conf hosts:hosts; do
  mount --bind "$T/${name%:*}" "$(readlink -f "/etc/${name#*:}")" || skip 'cannot bind over /etc'
done
socat -u UDP-RECV:53,bind=127.0.0.1 "OPEN:$T/asked,creat,append" &
datasource db.example 3306 pacsdb pacs pacs
wait_for 5 bash -c "ss -lun | grep -q 127.0.0.1:53"
dcm-wait-db 2>"$T/err" &
waiting=$!
wait_for 10 test -s "$T/asked"
ends_at_once
begin '--timeout holds when the name server does not answer'
begun=$SECONDS
run dcm-wait-db --timeout 2s
expect_status 75
expect_err_like "host name 'db.example' does not resolve"
expect 'long after the timeout' test $((SECONDS - begun)) -lt 12
kill %1

begin 'SIGTERM while the connection is not answered'
ip link add dcm0 type veth peer name dcm1 && ip addr add 10.9.8.1/24 dev dcm0 && ip link set dcm0 up && ip link set dcm1 up &&
  ip neigh add 10.9.8.9 lladdr 02:00:00:00:00:09 dev dcm0 || skip 'no veth'
datasource 10.9.8.9 3306 pacsdb pacs pacs
dcm-wait-db 2>"$T/err" &
waiting=$!
wait_for 10 bash -c "ss -tn state syn-sent | grep -q 10.9.8.9:3306"
ends_at_once
begin 'no answer is named, within the timeout'
run dcm-wait-db --timeout 1s
expect_status 75
expect_err_like "gave up after .*: no answer from '10.9.8.9:3306'; check MYSQL_HOST"

begin 'SIGTERM while the server that accepted says nothing'
silent=$(free_port)
socat "TCP-LISTEN:$silent,bind=127.0.0.1,fork,reuseaddr" "EXEC:sleep 1000" &
socat=$!
wait_for 5 bash -c "ss -ltn | grep -q 127.0.0.1:$silent"
datasource 127.0.0.1 "$silent" pacsdb pacs pacs
dcm-wait-db 2>"$T/err" &
waiting=$!
wait_for 10 bash -c "ss -tn state established | grep -q 127.0.0.1:$silent"
ends_at_once
run dcm-wait-db --timeout 1s
expect_status 75
expect_err_like "what listens at '127.0.0.1:$silent' takes the connection and says nothing"
kill "$socat"

mariadb_start "$T/db" --bind-address=0.0.0.0 --skip-name-resolve=0 --performance-schema=ON --max-connect-errors=5 || exit 1
mariadb_create pacsdb pacs pacs
mariadb_sql pacsdb <"$DCM_SOURCE/create-mysql.sql"
datasource 10.9.9.1 "$MARIADB_PORT" pacsdb pacs pacs
begin 'SIGTERM during a query'
mariadb_sql pacsdb <<<'LOCK TABLES study WRITE; SELECT SLEEP(600)' >/dev/null 2>&1 &
locked() { mariadb_sql <<<"SHOW PROCESSLIST" | grep -q "SLEEP"; }
wait_for 10 locked
dcm-wait-db --require-schema 2>"$T/err" &
waiting=$!
blocked() { mariadb_sql <<<"SHOW PROCESSLIST" | grep -q 'Waiting for table metadata lock'; }
wait_for 10 blocked
ends_at_once
mariadb_sql <<<"SELECT CONCAT('KILL ', id) FROM information_schema.processlist WHERE info LIKE '%SLEEP(600)%' AND id <> CONNECTION_ID()" | mariadb_sql

begin 'at most ten connections a second while nobody answers, and the server never comes to block the client'
errors() { mariadb_sql <<<"SELECT SUM(sum_connect_errors), SUM(count_host_blocked_errors) FROM performance_schema.host_cache"; }
opens() { awk '/^Tcp:/ && $6 ~ /^[0-9]+$/ { print $6 }' /proc/net/snmp; }
port=$MARIADB_PORT
for round in 1 2 3 4 5 6 7; do
  mariadb_stop
  : >"$T/err" # now, not when the child comes to it
  dcm-wait-db 2>"$T/err" &
  waiting=$!
  wait_for 10 grep -q refused "$T/err"
  begun=$EPOCHREALTIME before=$(opens)
  [ "$round" != 1 ] || sleep 3
  after=$(opens) ended=$EPOCHREALTIME
  made=$((after - before)) millis=$(((${ended/[.,]/} - ${begun/[.,]/}) / 1000))
  expect "$made connections in $millis ms" test $((made * 1000)) -le $((10 * millis + 1000))
  [ "$round" != 1 ] || expect 'it does look' test "$made" -ge 1
  MARIADB_PORT=$port mariadb_start "$T/db" --bind-address=0.0.0.0 --skip-name-resolve=0 --performance-schema=ON --max-connect-errors=5 || exit 1
  wait "$waiting"
  status=$?
  expect_status 0
done
for _ in $(seq 10); do MYSQL_PASSWORD=wrong dcm-wait-db --from-env --once 2>/dev/null; done
expect "blocked: $(errors)" test "$(errors | cut -f2)" = 0

begin 'an anonymous user of localhost stands before the right one: the line names it'
mariadb_sql <<<"CREATE USER ''@'localhost'"
datasource 127.0.0.1 "$MARIADB_PORT" pacsdb pacs pacs
run dcm-wait-db --once
expect_status 77
expect_err_like "an anonymous user stands before it: run DROP USER ''@'localhost' there"
mariadb_sql <<<"DROP USER ''@'localhost'"
run dcm-wait-db --once
expect_status 0
finish
