#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the archive needs beside itself, and how dcm-start notices that it is not there: the room on its disks, its database, a
# file system that answers; and the console as a witness of the start.
# shellcheck disable=SC2016,SC2034,SC2154,SC2317
# shellcheck source=tests/lib/private.bash
. "$DCM_SOURCE/tests/lib/private.bash"
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
# shellcheck source=tests/lib/start.bash
. "$DCM_SOURCE/tests/lib/start.bash"
for command in storescp echoscu jq; do command -v $command >/dev/null || skip "needs $command"; done
dicom_server
console=${jboss/>\$LOG/}
volume=$T/home/server/default
health() { dcm-start --health; }
unhealthy() { dcm-start --health >"$T/out"; [ $? = 69 ] && grep -Eq -- "$1" "$T/out"; }

begin 'the console is a witness too: ready though server.log cannot take the line; a full volume is named, and heals'
mount -t tmpfs -o size=130m volume "$volume" && mkdir "$volume/log"
dd if=/dev/zero of="$volume/filler" bs=1M 2>/dev/null
server "$console"
background
wait_for 60 is_state ready
expect 'copied' grep -q 'JBoss .* Started in' "$background_out"
wait_for 60 unhealthy '^ready: C-ECHO accepted; images are refused: .* 0 B free, .*; the volume of the configuration, .* is full: log lines and settings are lost; make room; a server that was started meanwhile needs dcm-start --restart then'
run dcm-start --ready
expect_status 69
run dcm-start --status
expect_out_like 'attention:  images are refused: .*
            the volume of the configuration, .* is full'
rm "$volume/filler"
wait_for 60 health
expect 'said' says 'dcm-start: volume: well again'
stop
expect_status 0
umount "$volume"

begin 'ready is told at once when JBoss is'
server "sleep 1.5; ${console/storescp/date +%s%3N >\"\$MARKS.said\"; storescp}"
# DICOM answers before JBoss says that it started.
sed -i 's/^echo "INFO.*/storescp $PORT \& dicom=$!; sleep 2; &; date +%s%3N >"$MARKS.said"/; s/^storescp.*dicom=$!;//' "$T/home/bin/child"
background --log-format json
wait_for 60 is_state ready
told=$(date -d "$(grep -o '"time":"[^"]*".*ready after' "$background_err" | cut -d'"' -f4)" +%s%3N)
expect "told $((told - $(cat "$MARKS.said"))) ms after JBoss" test $((told - $(cat "$MARKS.said"))) -le 1000
stop

begin 'too little room for images is a fault that says how much, and ends when there is room'
mkdir -p "$volume/archive"
mount -t tmpfs -o size=40m images "$volume/archive"
server "$jboss"
background
wait_for 60 is_state ready
wait_for 60 unhealthy "^ready: C-ECHO accepted; images are refused: '$volume/archive' has 42 MB free, and 50 MB are needed"
expect 'logged' says "error: images are refused: '$volume/archive' has 42 MB free"
mount -o remount,size=70m images "$volume/archive"
wait_for 60 health
run dcm-start --health
expect_out_like "^ready: C-ECHO accepted; '$volume/archive' has 73 MB free; below 50 MB images are refused"
mount -o remount,size=200m images "$volume/archive"
stop
mount -o remount,ro images "$volume/archive"
background
wait_for 60 is_state ready
wait_for 60 unhealthy "^ready: C-ECHO accepted; images are refused: '$volume/archive' is read-only"
stop
umount "$volume/archive"

begin 'a database that has gone is a fault, of this minute'
printf '%s\n' '#!/bin/sh' 'for file; do :; done; cat "$STATE" >"$file"; exec grep -q \"up\" "$STATE"' >"$T/bin/dcm-wait-db"
chmod +x "$T/bin/dcm-wait-db"
export STATE=$T/db.state
echo '{"time":"2026-01-01T00:00:00.000000Z","state":"failed","cause":"refused","message":"nobody listens on db:3306"}' >"$STATE"
server "$jboss"
background
wait_for 60 is_state ready
wait_for 60 unhealthy '^ready: C-ECHO accepted; the database cannot be used: nobody listens on db:3306'
run dcm-start --status
expect_out_like 'database:   failed: nobody listens on db:3306, .* ago'
echo '{"time":"2026-01-01T00:00:00.000000Z","state":"up","cause":"","message":""}' >"$STATE"
wait_for 60 health
run dcm-start --status
expect_out_like 'database:   up, '
stop
rm "$T/bin/dcm-wait-db"

if command -v cc >/dev/null && [ -z "${DCM_SANITIZE:-}" ]; then
begin 'a file system that never answers holds up no stop'
cc -shared -fPIC -o "$T/dead_fs.so" "$DCM_SOURCE/tests/lib/dead_fs.c" || skip 'cc does not work'
export DEAD=$T/dead DEAD_ROOT=$volume
server "$jboss"
LD_PRELOAD=$T/dead_fs.so background
wait_for 60 is_state ready
touch "$DEAD"
stop
expect_status 0
rm "$DEAD"

begin 'nor is it waited for by a restart: the server is started when it answers again'
LD_PRELOAD=$T/dead_fs.so background
wait_for 60 is_state ready
touch "$DEAD"
run dcm-start --restart
expect_status 69
expect_err_like "error: the file system of '$volume' has not answered for 10 s; is its server there\?; dcm-start goes on trying"
expect 'waiting' is_state waiting
rm "$DEAD"
wait_for 60 is_state ready
stop
expect_status 0

begin 'a crash is told all the same'
server 'sleep 2; exit 3'
LD_PRELOAD=$T/dead_fs.so background
wait_for 10 is_state starting
touch "$DEAD"
await
expect_status 3
expect 'said' says 'server.log: not to be read: its file system does not answer'
rm "$DEAD"
fi
finish
