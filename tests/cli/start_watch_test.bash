#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Readiness, status, health and restart of dcm-start, over a server whose DICOM side is dcmtk's storescp.
# shellcheck disable=SC2016,SC2034,SC2154,SC2317
# shellcheck source=tests/lib/private.bash
. "$DCM_SOURCE/tests/lib/private.bash"
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
# shellcheck source=tests/lib/start.bash
. "$DCM_SOURCE/tests/lib/start.bash"
for command in storescp echoscu jq socat; do command -v $command >/dev/null || skip "needs $command"; done
dicom_server

begin 'no dcm-start'
for query in --status --health --ready --restart; do
  run dcm-start $query
  expect_status 69
done
run dcm-start --restart
expect_err "dcm-start: error: no dcm-start is running here (nobody listens on '$T/run/control'); call it in the archive's container: docker exec CONTAINER dcm-start --restart"

begin 'starting is healthy, and not ready'
server "$polite"
background
wait_for 10 is_state starting
run dcm-start --health
expect_status 0
expect_out "starting: waiting for JBoss and for an answer on DICOM port $port"
run dcm-start --ready
expect_status 75
run dcm-start --status
expect_status 0
expect_out_like "^state:      starting for .*dicom:      port $port, AE title DCM4CHEE: not asked yet"
stop
expect_status 0

begin 'what the commands of the chain complained about shows in the status, whatever the log level'
mkdir "$T/crontab"
server "$polite"
JAVA_OPTS=-Xx JAVA_SAYS='Unrecognized option: -Xx' JAVA_STATUS=1 TZ=Europe/Madrit DCM_LOG_LEVEL=error dcm-cron-load --keep-going --file "$T/crontab" -- \
  dcm-start --log-level info >"$background_out" 2>"$background_err" </dev/null &
pid=$!
wait_for 10 is_state starting
three() { [ "$(field '.warnings | length')" = 3 ]; }
wait_for 10 three
run dcm-start --status
expect_out_like "at start:   dcm-cron-load: error: '$T/crontab' is a directory: .*; no job runs
            dcm-start: error: jobs run by the time of /etc/localtime: there is no time zone 'Europe/Madrit' .*
            dcm-start: warning: the JVM does not start with the options of JAVA_OPTS: Unrecognized option: -Xx; correct them"
expect 'the server does not see them' test -z "$(tr '\0' '\n' <"/proc/$(server_pid)/environ" | grep COMPLAINTS)"
stop

begin 'ready: the line in server.log, and a C-ECHO'
server "$jboss"
background --metrics-file "$T/dcm.prom"
wait_for 20 is_state ready
expect 'said' says 'dcm-start: ready after .*: C-ECHO accepted'
run dcm-start --health
expect_status 0
expect_out 'ready: C-ECHO accepted'
run dcm-start --ready
expect_status 0
run dcm-start --status --json
expect 'it is the file' test "$(jq .server <"$T/out")" = "$(jq .server "$T/run/status.json")"
expect 'the server is named' test "$(field .server.pid)" = "$(server_pid)"
expect 'its memory is known' test "$(field .server.rss_bytes)" -gt 100000
expect 'metrics are there' grep -qx 'dcm_archive_state{state="ready"} 1' "$T/dcm.prom"
expect 'what is open at this moment is known' test "$(jq .dicom.associations <"$T/out")" = 0
expect 'modes' test "$(stat -c %a "$T/run" "$T/run/status.json" "$T/run/control" | tr '\n' ' ')" = '755 644 600 '

begin 'restart on request: progress, how long it was away, and the status tells of it'
run dcm-start --restart --reason nightly
expect_status 0
expect_err_like '^dcm-start: restart requested \(nightly\), asking the server to end
dcm-start: the server has ended after .* \(exit status 0\), starting it again
dcm-start: ready again, away for [^:]*: C-ECHO accepted$'
expect 'started twice' test "$(count up-and)" = 2
expect 'counted' test "$(field .restarts.kinds.requested)" = 1
expect 'reason' test "$(field '.restarts.last[0].reason')" = nightly
expect 'away' test "$(field '.restarts.last[0].away_ms')" -gt 0
run dcm-start --status
expect_out_like 'restarts:   1, requested 1
            [-0-9 :]+ nightly; away for '

begin 'only one at a time; status.json is never half of one'
dcm-start --restart --reason first >"$T/first" 2>&1 &
first=$!
wait_for 10 is_state restarting
for _ in 1 2 3; do
  run dcm-start --restart --reason second
  expect_status 75
  expect_err_like 'a restart is already going on'
done
while kill -0 $first 2>/dev/null; do
  jq -e .state "$T/run/status.json" >/dev/null || fail 'status.json is broken'
done
wait $first
status=$?
expect_status 0
expect 'one restart' test "$(count up-and)" = 3

begin 'who may not, may not'
chmod 711 "$T"
# shellcheck disable=SC2310
run setpriv --reuid 65534 --regid 65534 --clear-groups "$DCM_BIN/dcm-start" --run-dir "$T/run" --restart
expect_status 77
chmod 666 "$T/run/control"
run setpriv --reuid 65534 --regid 65534 --clear-groups "$DCM_BIN/dcm-start" --run-dir "$T/run" --restart
expect_status 77
expect_err 'dcm-start: error: only root and the user of dcm-start may ask for a restart'
expect 'no restart' test "$(count up-and)" = 3
run setpriv --reuid 65534 --regid 65534 --clear-groups "$DCM_BIN/dcm-start" --run-dir "$T/run" --health
expect_status 0

begin 'a caller that talks nonsense, says nothing or goes away does no harm'
expect 'nonsense' test "$(printf 'reboot now\n' | socat -t5 - "UNIX-CONNECT:$T/run/control")" = \
  'end 64 not a request that this version knows'
head -c 100000 /dev/urandom | socat -u - "UNIX-CONNECT:$T/run/control" 2>/dev/null
mkfifo "$T/nothing"
exec 7<>"$T/nothing"
socat -u - "UNIX-CONNECT:$T/run/control" <"$T/nothing" &
silent=$!
can_restart() { dcm-start --restart --reason after; }
wait_for 20 can_restart
kill $silent 2>/dev/null
printf 'restart gone\n' | socat -u - "UNIX-CONNECT:$T/run/control"
wait_for 10 at_least up-and 5
wait_for 20 is_state ready
expect 'dcm-start lives' kill -0 "$pid"

begin 'stop while it restarts: the caller learns of it'
dcm-start --restart >"$T/first" 2>&1 &
first=$!
wait_for 10 is_state restarting
kill -TERM "$pid"
wait $first
status=$?
expect_status 75
expect 'said' grep -q 'the archive is stopping' "$T/first"
await
expect_status 0
run dcm-start --restart
expect_status 69
expect 'ended is on record' test "$(state)" = ended
run dcm-start --health
expect_status 69

begin 'status 10, the own restart of JBoss: ready again at once, counted'
server 'trap "kill \$dicom; exit 10" USR2; sleep 1; '"${jboss%%storescp*}"'
grep -q running $MARKS || echo "more in the first log" >>$LOG; storescp'"${jboss#*storescp}"
background
wait_for 20 is_state ready
before=$(field .server.pid)
kill -USR2 "$pid"
wait_for 30 says 'dcm-start: ready again, away for .*: C-ECHO accepted'
expect 'said' says 'run.sh has started the server again: it ended with status 10'
expect 'counted' test "$(field .restarts.kinds.itself)" = 1
expect 'found' test "$(field .server.pid)" != "$before"

begin 'a second one on the same volume is refused'
run dcm-start
expect_status 69
expect_err "dcm-start: error: the archive runs here already, under the dcm-start with PID $pid; ask that one: dcm-start --status, dcm-start --restart"
expect 'the first goes on' is_state ready
expect 'its socket is there' test -S "$T/run/control"
stop
expect_status 0

begin 'a long stop renews the status, or health would call it stale'
server 'trap "sleep 12; exit 0" TERM; echo ready >>$MARKS; while :; do sleep 0.02; done'
background
wait_for 10 at_least ready 1
kill -TERM "$pid"
wait_for 10 is_state stopping
begun=$(field .updated)
wait_for 20 says 'waiting for the server to end, 10 s so far'
renewed() { [ "$(field .updated)" != "$begun" ]; }
wait_for 5 renewed
expect 'still stopping' is_state stopping
await
expect_status 0

begin 'the chain below an init of the engine: starting, not unhealthy'
# shellcheck disable=SC2310
run timeout 20 unshare -p -f --mount-proc --kill-child sh -c 'MYSQL_HOST=127.0.0.1 MYSQL_PORT=1 dcm-wait-db --from-env 2>/dev/null &
  until grep -qx dcm-wait-db "/proc/$!/comm"; do :; done; dcm-start --health; exit $?'
expect_status 0
expect_out_like '^starting: waiting for the database'

begin 'refused while stopping'
server 'trap "sleep 1; exit 0" TERM; echo ready >>$MARKS; while :; do sleep 0.02; done'
background
wait_for 10 at_least ready 1
wait_for 10 is_state starting
kill -TERM "$pid"
wait_for 10 is_state stopping
run dcm-start --restart
expect_status 75
expect_err 'dcm-start: error: the archive is stopping; nothing is restarted'
await
expect_status 0

begin 'an association that is rejected is an answer'
server "$jboss"
REFUSE=--refuse background
wait_for 20 is_state ready
expect 'rejected' test "$(field .dicom.answer)" = rejected
run dcm-start --health
expect_status 0
expect_out_like '^ready: association rejected \(.*\), so the archive is up'
stop

begin 'DICOM answers, but JBoss has not said that it started: not ready yet'
server "${jboss/Started in/Starting}"
background
answered() { [ "$(field .dicom.answer)" = accepted ]; }
wait_for 20 answered
expect 'starting' is_state starting
stop

begin 'the server dies during a restart: the caller learns of it, and of the status'
server '[ "$(grep -c up-and $MARKS)" -ge 1 ] && exit 3; '"$jboss"
background
wait_for 20 is_state ready
run dcm-start --restart
expect_status 69
expect_err_like 'error: the server ended unasked after .*: exit status 3; ending with the same status'
await
expect_status 3
expect 'the last end' test "$(field .last_end.status)" = 3

begin 'a server that cannot be started again for now: waiting, and bad health'
server "$jboss"
background
wait_for 20 is_state ready
mv "$T/home/bin/run.sh" "$T/home/bin/gone"
run dcm-start --restart
expect_status 69
expect_err_like 'error: no start script .*; dcm-start goes on trying'
expect 'waiting' is_state waiting
run dcm-start --health
expect_status 69
expect_out_like '^waiting: no start script'
mv "$T/home/bin/gone" "$T/home/bin/run.sh"
wait_for 20 is_state ready
expect 'counted' test "$(field .restarts.kinds.crashed)" = 1
stop

begin 'a crash: last lines of the log, memory, whose status it is'
server 'echo "the reason" >$LOG; exit 3'
run dcm-start
expect_status 3
expect_err_like 'dcm-start: server.log: the reason
dcm-start: memory: .*
dcm-start: error: the server ended unasked after .*: exit status 3; ending with the same status'
expect 'on record' test "$(field '.last_end.whose, .last_end.status' | tr '\n' ' ')" = 'server 3 '

begin 'how the server ended is known to the container that follows'
mkdir -m 700 "$T/home/server/default/.dcm"
server 'kill -9 $$'
run dcm-start
expect_status 137
expect 'kept for root alone' test "$(stat -c '%u %a' "$T/home/server/default/.dcm/last-end")" = '0 600'
rm -rf "$T/run"
server "$polite"
background
wait_for 10 is_state starting
expect 'its status' test "$(field .last_end.status)" = 137
run dcm-start --status
expect_out_like 'last end:   of the server, [-0-9 :]+: exit status 137'
stop
rm -r "$T/home/server/default/.dcm"

begin 'not ready from the moment a stop begins'
server "${jboss/sleep 0.3/sleep 2}"
background
wait_for 20 is_state ready
kill -TERM "$pid"
wait_for 5 is_state stopping
run dcm-start --ready
expect_status 75
await

begin 'who the server runs as is told to scripts'
run dcm-start --print-user
expect_status 0
expect_out '0 0'
run dcm-start --print-user --run-as 7:8
expect_out '7 8'

begin 'without a directory for the status the archive runs all the same'
server "$polite"
"$DCM_BIN/dcm-start" --run-dir /proc/nothing 2>"$background_err" </dev/null &
pid=$!
wait_for 10 at_least ready 1
wait_for 10 says "cannot write '/proc/nothing/status.json'"
expect 'named' says "cannot listen on '/proc/nothing/control'"
kill -USR1 "$pid"
wait_for 10 at_least ready 2
stop
expect_status 0

begin 'a slip in the environment is a warning, on the command line an error'
server 'exit 3'
run env DCM_MAX_RSS=80% DCM_LOG_KEEP=few DCM_HEALTH_PORT=0 dcm-start
expect_status 3
expect_err_like "warning: DCM_MAX_RSS: '80%' is not a size such as 500M or 2G, ignoring"
expect_err_like "warning: DCM_LOG_KEEP: 'few' is neither a count nor an age such as 30d, ignoring"
expect_err_like "warning: DCM_HEALTH_PORT: '0' is not a whole number from 1 to 65535, ignoring"
run dcm-start --max-rss 80%
expect_status 64

begin 'the ServerPeerID of a node'
server 'printf "%s|" "$@"; echo; exit 3'
run env DCM_SERVER_PEER_ID=5 dcm-start -- -Dlast=1
expect_out '-Djboss.messaging.ServerPeerID=5|-Dlast=1|'
expect 'nothing is left' alone
finish
