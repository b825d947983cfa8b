#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/up --native and scripts/down as a newcomer runs them: up, up again, an image, down, up, found again, purge; two at once;
# ports taken; pieces killed; an engine that cannot be used, and no right to make namespaces. The machine's crontab is byte-identical before and after.
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
up=$DCM_SOURCE/scripts/up down=$DCM_SOURCE/scripts/down
export _DCM_VAR=$T/var
DCM_HTTP_PORT=$(free_port)
DCM_DICOM_PORT=$(free_port)
export DCM_HTTP_PORT DCM_DICOM_PORT
trap '"$down" --purge >/dev/null 2>&1' EXIT
spool=/var/spool/cron/crontabs/root
spool_before=$(stat -c '%i %Y %Z' "$spool" 2>&1; cat "$spool" 2>&1)
cron_before=$(pgrep --ns $$ --nslist pid -x cron | tr '\n' ' ')

begin 'usage'
run "$up" --nope
expect_status 64
run "$down" --nope
expect_status 64
run "$down"
expect_status 0
expect_out ''

begin 'two at once: one starts it, the other says that it runs'
"$up" --native >"$T/first" 2>&1 &
first=$!
run "$up" --native
expect_status 0
wait "$first"
status=$?
expect_status 0
expect 'one of each' test "$(cat "$T/first" "$T/out" | grep -cE '^(the archive is up|it is running):')" = 2
expect 'not two starts' test "$(cat "$T/first" "$T/out" | grep -c '^the archive is up:')" = 1
expect 'it answers' dicom_echo "$DCM_DICOM_PORT"

begin 'again: says so, changes nothing'
find "$T/var" -type f -not -path '*/db/*' -not -name '*.log' -printf '%p %i %T@\n' | sort >"$T/before"
run "$up" --native
expect_status 0
expect_out_like '^it is running:'
find "$T/var" -type f -not -path '*/db/*' -not -name '*.log' -printf '%p %i %T@\n' | sort >"$T/after"
expect 'nothing changed' diff "$T/before" "$T/after"

begin 'an image survives down and up'
dicom_make "$T/one.dcm" 'DOE^JANE' 2.25.1
run dicom_store "$DCM_DICOM_PORT" "$T/one.dcm"
expect_status 0
expect 'private' test "$(stat -c %a "$T/var" "$T/var/password" | tr '\n' ' ')" = '700 600 '
run "$down"
expect_status 0
expect_out "stopped; images and settings stay in $T/var (scripts/down --purge removes them)"
expect 'nothing of it runs' test -z "$(pgrep -f "$T/var")"
expect 'graceful' grep -q 'Halting VM' "$T/var/archive.log"
run "$up" --native
expect_status 0
expect 'found' test "$(dicom_find "$DCM_DICOM_PORT" '*')" = 2.25.1

begin 'killed without warning, it comes up again'
kill -KILL "$(cat "$T/var/archive.pid")"
kill -KILL "$(cat "$T/var/db/pid")"
nothing_runs() { ! pgrep -f "$T/var"; }
wait_for 10 nothing_runs
run "$up" --native
expect_status 0
expect 'found' test "$(dicom_find "$DCM_DICOM_PORT" '*')" = 2.25.1
run "$down"
expect_status 0

begin 'a port that is taken is named, and how to choose another'
socat "TCP-LISTEN:$DCM_HTTP_PORT,bind=127.0.0.1,fork,reuseaddr" EXEC:true &
socat=$!
wait_for 5 sh -c "ss -Hltn 'sport = :$DCM_HTTP_PORT' | grep -q ."
run "$up" --native
expect_status 69
expect_err_like "^up: port $DCM_HTTP_PORT is taken; choose another: DCM_HTTP_PORT=[0-9]+ scripts/up --native"
kill "$socat"

begin 'an engine that cannot be used, in a container that may not make namespaces: it goes on without'
run setpriv --bounding-set=-sys_admin env DOCKER_HOST=unix:///nowhere/docker.sock "$up"
expect_status 0
expect_out_like '^Docker is installed, but its engine cannot be used here \(.*\): going on without it, with the sandbox server'
expect_out_like 'no namespaces of its own here: going on without cron jobs'
expect 'found' test "$(dicom_find "$DCM_DICOM_PORT" '*')" = 2.25.1
run "$down"
expect_status 0
expect 'nothing of it runs' test -z "$(pgrep -f "$T/var")"
expect 'graceful' grep -q 'Halting VM' "$T/var/archive.log"

begin "this machine's crontab and cron are what they were"
expect 'crontab' test "$(stat -c '%i %Y %Z' "$spool" 2>&1; cat "$spool" 2>&1)" = "$spool_before"
expect 'cron' test "$(pgrep --ns $$ --nslist pid -x cron | tr '\n' ' ')" = "$cron_before"

begin 'purge'
run "$down" --purge
expect_status 0
expect 'gone' test ! -e "$T/var"
finish
