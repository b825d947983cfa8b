#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-start over start scripts that behave like JBoss's, well and badly; as PID 1 of a namespace, and not.
# shellcheck disable=SC2009,SC2016,SC2317
# shellcheck source=tests/lib/private.bash
. "$DCM_SOURCE/tests/lib/private.bash"
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
# shellcheck source=tests/lib/start.bash
. "$DCM_SOURCE/tests/lib/start.bash"

begin 'no run.sh, and one that cannot be run'
run dcm-start
expect_status 127
expect_err "dcm-start: error: no start script '$T/home/bin/run.sh'; set DCM4CHEE_HOME to the root of the server"
touch "$T/home/bin/run.sh"
run dcm-start
expect_status 126
expect_err_like "error: cannot run '$T/home/bin/run.sh': not executable"
expect 'nothing is left' alone

begin 'SIGTERM and SIGINT reach the server in person; the end is clean and complete'
for signal in TERM INT; do
  server "$polite"
  background
  wait_for 10 at_least ready 1
  kill -$signal "$pid"
  await
  expect_status 0
  expect "asked once ($signal)" test "$(count TERM)" = 1
  expect 'nothing is left' alone
done

begin 'JBoss listens on loopback, but never with the web page'
web=$T/home/server/default/deploy/jboss-web.deployer/server.xml
mkdir -p "${web%/*}"
server 'echo "bound to ${JBOSS_BIND_ADDR-all}" >>$MARKS; exit 3'
bound_to() { # expectation address-of-the-connector
  printf '<Server><Connector port="8080" address="%s"/></Server>\n' "$2" >"$web"
  rm -f "$MARKS"
  run dcm-start
  expect "bound to $1" grep -qx "bound to $1" "$MARKS"
}
bound_to 127.0.0.1 0.0.0.0
JBOSS_BIND_ADDR=10.0.0.1 bound_to 10.0.0.1 0.0.0.0
bound_to all '${jboss.bind.address}'
bound_to all '${jboss.bind.address:0.0.0.0}'
bound_to all '${jboss.bind.address"><<'
expect_err_like "warning: the ports that JBoss needs .* stay open on every address: '$web' is not XML: line 1"
rm "$web" && mkdir "$web"
rm -f "$MARKS"
run dcm-start
expect 'bound to all' grep -qx 'bound to all' "$MARKS"
expect_err_like "warning: the ports that JBoss needs .*: cannot read '$web'"
rm -r "$T/home/server/default/deploy"

begin "Java's 143 after a stop is clean; another status is passed on"
server 'trap "exit 143" TERM; echo ready >>$MARKS; while :; do sleep 0.02; done'
background
wait_for 10 at_least ready 1
kill -TERM "$pid"
await
expect_status 0
server 'trap "exit 7" TERM; echo ready >>$MARKS; while :; do sleep 0.02; done'
background
wait_for 10 at_least ready 1
kill -TERM "$pid"
await
expect_status 7
expect_err_like 'warning: the server has ended after .*, not cleanly: exit status 7'

begin 'a stop before the server is there is not lost'
server "$polite"
# shellcheck disable=SC2016
printf '%s\n' '#!/bin/sh' "echo early >>$MARKS" "$T/home/bin/slow" "\"$T/home/bin/child\"" 'exit $?' >"$T/home/bin/run.sh"
printf '%s\n' '#!/bin/sh' "trap '' TERM" "echo slow >>$MARKS" 'sleep 0.5' >"$T/home/bin/slow"
chmod +x "$T/home/bin/"*
background
wait_for 10 at_least slow 1
kill -TERM "$pid"
await
expect_status 0
expect 'nothing is left' alone
# Its own set of blocked signals; the C library blocks them all around a fork, for a moment.
has_begun() { grep -q '^SigBlk:.*fa07$' "/proc/$pid/status"; }
for delay in 0 0.001 0.002 0.004 0.006 0.01 0.02; do
  server "$polite"
  background
  wait_for 10 has_begun
  sleep "$delay"
  kill -TERM "$pid"
  await
  expect_status 0
  expect "nothing is left after $delay" alone
done

begin 'a run.sh that became the server by exec'
server "$polite"
printf '%s\n' '#!/bin/sh' "exec $T/home/bin/child" >"$T/home/bin/run.sh"
background
wait_for 10 at_least ready 1
kill -TERM "$pid"
await
expect_status 0

begin 'exit statuses and deaths are passed on'
server 'exit $(cat $MARKS.code)'
for code in $(seq 0 255); do
  case $code in 0 | 10 | 143) continue ;; esac # clean ends, and run.sh's own business: below
  echo "$code" >"$MARKS.code"
  run dcm-start
  [ "$status" = "$code" ] || expect_status "$code"
done
server 'kill -9 $$'
run dcm-start
expect_status 137
expect_err_like 'error: the server ended unasked after .*: exit status 137; ending with the same status'

begin 'exit status 10 stays the business of run.sh'
server '[ "$(grep -c up $MARKS)" -ge 3 ] && exit 4; exit 10'
run dcm-start
expect_status 4
expect 'three starts' test "$(count up)" = 3

begin 'a clean end that nobody asked for: started again in place'
for code in 0 143; do
  server "[ \$(grep -c up \$MARKS) -ge 2 ] && { $polite
  }; exit $code"
  background
  wait_for 10 at_least ready 1
  kill -TERM "$pid"
  await
  expect_status 0
  expect_err_like 'though nobody asked dcm-start; starting it again in 1 s'
done

begin 'a stop while the server waits to be started again'
server 'exit 0'
background
wait_for 10 grep -q 'starting it again' "$T/err"
kill -TERM "$pid"
await
expect_status 0

begin 'every signal that is no business of ours goes to the server'
signals="HUP QUIT USR2 WINCH TTIN TTOU URG XCPU XFSZ VTALRM PROF IO PWR $(seq -s ' ' -f 'RTMIN+%.0f' 1 15) RTMIN RTMAX $(seq -s ' ' -f 'RTMAX-%.0f' 1 14)"
server "for s in $signals; do trap \"echo got-\$s- >>$MARKS\" \$s; done; trap 'exit 0' TERM; echo ready >>$MARKS; while :; do sleep 0.02; done"
sed -i '1s/sh$/bash/' "$T/home/bin/child"
background
wait_for 10 at_least ready 1
for signal in $signals; do
  kill -"$signal" "$pid"
  wait_for 5 at_least "got-$signal-" 1
done
for signal in CHLD PIPE ALRM CONT; do kill -$signal "$pid"; done
expect 'it lives' kill -0 "$pid"
kill -TERM "$pid"
await
expect_status 0

begin 'stopped and continued, dcm-start goes on where it was'
server "$polite"
background
wait_for 10 at_least ready 1
kill -STOP "$pid"
kill -TERM "$pid"
expect 'nothing happens' test "$(count TERM)" = 0
kill -CONT "$pid"
await
expect_status 0

begin 'a second SIGTERM and a third change nothing'
server 'trap "echo TERM >>$MARKS; sleep 0.3; exit 0" TERM; echo ready >>$MARKS; while :; do sleep 0.02; done'
background
wait_for 10 at_least ready 1
kill -TERM "$pid"
wait_for 5 at_least TERM 1
kill -TERM "$pid"
kill -INT "$pid"
await
expect_status 0
expect 'asked once' test "$(count TERM)" = 1
expect_err_like 'already stopping'

begin 'on a terminal: Ctrl-C stops gracefully, Ctrl-\ asks for a thread dump, and the server is not hit twice'
server "$polite"
mkfifo "$T/keys"
script -qec "dcm-start" /dev/null <"$T/keys" >"$T/out" 2>&1 &
pid=$!
exec 8>"$T/keys"
wait_for 10 at_least ready 1
printf '\034' >&8
wait_for 5 at_least QUIT 1
printf '\003' >&8
await
exec 8>&-
expect_status 0
expect 'asked once' test "$(count TERM)" = 1
expect 'a dump was asked for once' test "$(count QUIT)" = 1
expect 'nothing is left' alone

begin 'HUP, QUIT, USR2, WINCH go to the server; USR1 restarts it'
server "$polite"
background
wait_for 10 at_least ready 1
for signal in HUP QUIT USR2 WINCH; do
  kill -$signal "$pid"
  wait_for 5 at_least $signal 1
done
kill -USR1 "$pid"
wait_for 10 at_least ready 2
expect 'asked once' test "$(count TERM)" = 1
kill -TERM "$pid"
await
expect_status 0
expect 'asked again' test "$(count TERM)" = 2

begin 'a server that ignores SIGTERM: thread dump, then SIGKILL'
server 'trap "" TERM; trap "echo QUIT >>$MARKS" QUIT; echo ready >>$MARKS; while :; do sleep 0.02; done'
background --stop-timeout 300ms
wait_for 10 at_least ready 1
kill -TERM "$pid"
await
expect_status 137
expect 'a dump was asked for' test "$(count QUIT)" = 1
expect_err_like 'has not ended within 300 ms; asking for a thread dump'
expect 'nothing is left' alone

begin 'run.sh killed: the server serves on, its end is the end'
server "$polite"
background
wait_for 10 at_least ready 1
kill -9 "$(pgrep -f "^/bin/sh $T/home/bin/run.sh")"
wait_for 5 grep -q 'the server behind it lives' "$T/err"
kill -TERM "$pid"
await
expect_status 0
expect 'asked once' test "$(count TERM)" = 1
expect 'nothing is left' alone

begin 'what the server leaves behind is ended, in sessions of its own as well'
server '(sleep 900 &) ; (setsid sleep 901 &); sleep 902 & sleep 0.1; exit 3'
run dcm-start
expect_status 3
expect 'nothing is left' alone

begin 'zombies: 1 000 orphans'
server 'i=0; while [ $i -lt 1000 ]; do (true &); i=$((i + 1)); done; echo ready >>$MARKS; '"$polite"
background
wait_for 60 at_least ready 2
zombies() { [ "$(ps --ppid "$pid" -o stat= | grep -c '^Z')" = 0 ]; }
wait_for 5 zombies
kill -TERM "$pid"
await
expect_status 0

begin 'cron is started again when it dies, and its absence is no error'
server "$polite"
background
wait_for 10 at_least ready 1
cron() { pgrep -P "$pid" -x sleep; }
wait_for 5 cron
first=$(cron)
kill -9 "$first"
other() { [ -n "$(cron)" ] && [ "$(cron)" != "$first" ]; }
wait_for 10 other
expect_err_like 'warning: cron has ended \(killed by signal 9 \(Killed\)\); starting it again in 1 s'
printf '#!/bin/sh\necho cron >>%s\ntrap "sleep 0.5; exit 3" TERM\necho waits >>%s\nwhile :; do sleep 0.02; done\n' "$MARKS" "$MARKS" >"$T/bin/cron"
kill -9 "$(cron)"
wait_for 10 at_least waits 1
kill -TERM "$pid"
await
expect_status 0
expect 'not started again while everything ends' test "$(count cron)" = 1
expect 'nor is that said' test "$(grep -c 'cron has ended (exit status 3)' "$T/err")" = 0
expect 'nothing is left' alone
printf '#!/bin/sh\nexec sleep 1000\n' >"$T/bin/cron"

begin 'server.log is kept before the server truncates it'
server 'exit 3'
printf 'the reason\n' >"$log"
run dcm-start
kept=$(echo "$log".*)
expect 'kept' test "$(cat "$kept")" = 'the reason'
expect 'under a name of the time' test -n "$(find "$kept" -regex '.*/server\.log\.[0-9]*-[0-9]*')"
touch "$log.20200101-000000" "$log.2020-01-01" "$log.1"
printf 'again\n' >"$log"
run dcm-start --log-keep 1
expect 'one kept log' test "$(find "$log".*-?????? -name '*.20*' | grep -cE '[0-9]{8}-[0-9]{6}$')" = 1
expect "the site's own stay" test -e "$log.2020-01-01" -a -e "$log.1"

begin 'arguments go to run.sh, streams and environment too'
server 'printf "%s|" "$@"; echo; env | grep ^SOME; exit 3'
run env SOME=thing SOMEBODY=else DCM_SERVER_ENV=SOME dcm-start -- -Da=b 'c d' --help
expect_status 3
expect_out $'-Da=b|c d|--help|\nSOME=thing'

begin 'signals and descriptors of the server are those of a fresh process'
server 'grep -E "^Sig(Blk|Ign)" /proc/self/status; ls /proc/self/fd | wc -l; exit 3'
# A descriptor of this script's own is inherited too: what matters is that dcm-start adds none.
run sh -c 'ls /proc/self/fd | wc -l'
own=$(cat "$T/out")
run sh -c 'trap "" PIPE HUP; exec dcm-start'
expect_out_like "SigBlk:.0000000000000000.SigIgn:.0000000000000000.$own"

begin 'the memory of dcm-start is flat: 10 000 children reaped, a server that floods its log'
server 'i=0; echo ready >>$MARKS; while [ $i -lt 10000 ]; do (true &); i=$((i + 1)); done; echo reaped >>$MARKS
head -c 200000000 /dev/zero | tr "\0" x; head -c 100000000 /dev/zero | tr "\0" "\n" >>$LOG; echo flooded >>$MARKS; '"$polite"
dcm-start 2>"$T/err" </dev/null >/dev/null &
pid=$!
wait_for 10 at_least ready 1
memory() { awk '/^VmHWM|^RssAnon/ { print $2 }' "/proc/$pid/status" | tr '\n' ' '; }
wait_for 120 at_least flooded 1
read -r high anonymous <<<"$(memory)"
if [ -z "${DCM_SANITIZE:-}" ]; then
  most=6144 # what is not optimised is larger
  grep -q '^CMAKE_BUILD_TYPE:[^=]*=Debug' "$DCM_BUILD/CMakeCache.txt" && most=7168
  expect "VmHWM $high kB is at most $most kB" test "$high" -le $most
  expect "RssAnon $anonymous kB is at most 1 MB" test "$anonymous" -le 1024
fi
kill -TERM "$pid"
await
expect_status 0

begin 'as PID 1'
server "$polite"
unshare -p -f --mount-proc dcm-start >"$T/out" 2>"$T/err" </dev/null &
outer=$!
wait_for 10 at_least ready 1
kill -TERM "$(pgrep -P $outer)"
wait $outer
status=$?
expect_status 0
expect 'asked once' test "$(count TERM)" = 1

finish
