#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What stops the chain: SIGTERM at every step (ends within a second, nothing half-done), and each missing or broken piece
# (clear message, exit status, nothing changed).
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
chain_prepare || exit 1

# Each command stands still at a known place by a holder of ours: a lock, a FIFO, a closed port, a slow crontab.
ends_at_once() {
  local begin
  begin=$(date +%s%3N)
  chain_stop TERM
  expect_status 143
  expect "took $(($(date +%s%3N) - begin)) ms" test $(($(date +%s%3N) - begin)) -lt 1000
}
stands_in() { [ "$(cat "/proc/$(chain_pid1)/comm" 2>/dev/null)" = "$1" ]; }

begin 'SIGTERM while dcm-seed-volume waits for a lock'
mkdir -p "$chain_volume/.dcm"
flock -F "$chain_volume/.dcm/lock" sleep 300 &
holder=$!
wait_for 5 sh -c "! flock -n '$chain_volume/.dcm/lock' true"
chain_start
wait_for 10 chain_says 'dcm-seed-volume: .* is in use by .*; waiting until that ends'
ends_at_once
kill "$holder"
expect 'nothing was made' test ! -e "$chain_volume/deploy"

begin 'SIGTERM while dcm-seed-volume copies: old or new, and the next run completes it'
# large enough to be met while it copies
head -c 300M /dev/zero >"$chain_home/server/default.dist/lib/large.jar"
dcm-seed-volume --make-manifest "$chain_home/server/default.dist" --product dcm4chee-sandbox
for i in $(seq 5); do
  rm -rf "$chain_volume"
  chain_start
  wait_for 5 stands_in dcm-seed-volume || break
  chain_signal TERM
  chain_wait
  [ "$status" = 143 ] || fail "exit status $status in round $i"
done
chain_start
wait_for 60 chain_ready
chain_stop
expect 'complete' cmp "$chain_home/server/default.dist/lib/large.jar" "$chain_volume/lib/large.jar"
rm -rf "$chain_volume"
"$DCM_SOURCE/image/sandbox/assemble" "$chain_home"

begin 'dcm-configure-db reads no secret from a FIFO'
mkfifo "$T/fifo"
chain_start MYSQL_PASSWORD= MYSQL_PASSWORD_FILE="$T/fifo"
chain_wait
expect_status 66
wait_for 10 chain_says "dcm-configure-db: error: cannot read '$T/fifo': not a regular file"

begin 'SIGTERM while dcm-wait-db waits for a server that is not there'
mariadb_stop
chain_start
wait_for 10 chain_says refused
ends_at_once

begin 'SIGTERM while dcm-wait-db hangs in the handshake'
if command -v socat >/dev/null; then
  silent=$(free_port)
  socat "TCP-LISTEN:$silent,bind=127.0.0.1,fork,reuseaddr" EXEC:'sleep 60' &
  socat=$!
  wait_for 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$silent"
  chain_start MYSQL_PORT="$silent"
  wait_for 10 stands_in dcm-wait-db
  wait_for 10 sh -c "ss -Htn state established 'dport = :$silent' | grep -q ."
  ends_at_once
  kill "$socat"
fi
mariadb_start "$T/db"

begin 'SIGTERM while dcm-cron-load runs crontab'
mkdir "$T/slow"
printf '#!/bin/sh\nexec sleep 300\n' >"$T/slow/crontab"
chmod +x "$T/slow/crontab"
printf '0 0 1 1 * true\n' >"$chain_crontab"
chain_start PATH="$T/slow:$PATH"
wait_for 20 stands_in dcm-cron-load
wait_for 10 sh -c "pgrep -f '^sleep 300' -P \$(pgrep -P $chain_unshare)"
ends_at_once

begin 'SIGTERM while the server starts'
chain_start
wait_for 20 stands_in dcm-start
chain_signal TERM
chain_wait
expect 'status 0 or 143' test "$status" = 0 -o "$status" = 143

begin 'template missing'
mv "$chain_home/server/default.dist" "$T/dist"
chain_start
chain_wait
expect_status 66
expect 'said' chain_says "dcm-seed-volume: error: no template in '$chain_home/server/default.dist'"
mv "$T/dist" "$chain_home/server/default.dist"

begin 'datasource missing'
cp -p "$chain_datasource" "$T/ds"
rm "$chain_datasource"
chain_start
chain_wait
expect_status 66
expect 'said' chain_says "dcm-configure-db: error: no datasource file '$chain_datasource'; check"
expect 'not made up' test ! -e "$chain_datasource"

begin 'datasource not XML'
echo '<datasources><' >"$chain_datasource"
chain_start
chain_wait
expect_status 65
expect 'said' chain_says "dcm-configure-db: error: '$chain_datasource' is not XML: line"
expect 'untouched' grep -qx '<datasources><' "$chain_datasource"
cp -p "$T/ds" "$chain_datasource"

begin 'with arguments, those run instead'
run "$DCM_SOURCE/image/entrypoint.sh" dcm-wait-db --version
expect_status 0
expect_out_like '^dcm-wait-db '
run "$DCM_SOURCE/image/entrypoint.sh" sh -c 'exit 9'
expect_status 9
finish
