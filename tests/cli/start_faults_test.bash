#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-start where something that it leans on is missing or hostile: no /proc, a log that nobody reads.
# shellcheck disable=SC2016,SC2034,SC2154,SC2317
# shellcheck source=tests/lib/private.bash
. "$DCM_SOURCE/tests/lib/private.bash"
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
# shellcheck source=tests/lib/start.bash
. "$DCM_SOURCE/tests/lib/start.bash"
for command in setsid pgrep; do command -v $command >/dev/null || skip "needs $command"; done

# what is installed has an absolute path of its library, too; what has only been built finds it through /proc
library=$(ldd "$DCM_BIN/dcm-start" | sed -n 's|.*libdcm.so => \(.*\)/libdcm.so .*|\1|p')
# blind [WRAPPER...]: dcm-start in a PID namespace of its own without /proc, as PID 1 or below WRAPPER; $outer lives as
# long as the namespace, $pid is its PID 1.
blind() {
  : >"$T/err"
  LD_LIBRARY_PATH=$library unshare -m -p -f --kill-child sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$@" dcm-start \
    >"$T/out" 2>"$T/err" </dev/null &
  outer=$!
  begun() { pid=$(pgrep -P $outer) || [ ! -e "/proc/$outer/task" ]; }
  wait_for 10 begun
}
outlive() { # the end of $outer, in bounded time
  wait_for 20 test ! -e "/proc/$outer/task"
  kill -9 $outer 2>/dev/null
  wait $outer
  status=$?
}

# Sanitizers themselves need /proc.
if [ -z "${DCM_SANITIZE:-}" ]; then
begin 'PID 1 without /proc: a stop reaches the server, and what it started in sessions of its own'
server 'setsid sh -c "trap \"echo ORPHAN >>$MARKS; exit 0\" TERM; echo ready >>$MARKS; while :; do sleep 0.02; done" &
'"$polite"
blind
wait_for 10 at_least ready 2
kill -TERM "$pid"
outlive
expect_status 0
expect 'the server was asked' test "$(count TERM)" = 1
expect 'the rest was asked' test "$(count ORPHAN)" = 1
expect_err_like "warning: /proc is not mounted, proceeding: "

begin 'PID 1 without /proc: what ignores SIGTERM is killed'
server '(trap "" TERM; setsid sh -c "trap \"\" TERM; echo ready >>$MARKS; while :; do sleep 0.02; done") &
'"$polite"
blind
wait_for 10 at_least ready 2
kill -TERM "$pid"
outlive
expect_status 0

begin 'PID 1 without /proc: a crash is passed on, a restart works'
server 'exit 3'
blind
outlive
expect_status 3
server "$polite"
blind
wait_for 10 at_least ready 1
kill -USR1 "$pid"
wait_for 10 at_least ready 2
kill -TERM "$pid"
outlive
expect_status 0

begin 'without /proc below an init of the engine: what cannot be seen is left to that init'
server 'setsid sleep 1000 & '"$polite"
blind sh -c '"$@" & trap "kill $!" TERM; wait; wait $!' sh
wait_for 10 at_least ready 1
kill -TERM "$pid"
outlive
expect_status 0
expect_err_like 'warning: something that this process started lives on, .* /proc is not mounted'
fi

# stalled: a pipe in $T/full, filled up, that nobody reads; descriptor 8 writes to it.
mkfifo "$T/full"
exec 7<>"$T/full" 8>"$T/full"
stalled() { dd if=/dev/zero of="$T/full" bs=4096 count=64 oflag=nonblock 2>/dev/null || :; }

begin 'a log that nobody reads delays no stop'
server "$polite"
dcm-start 2>&8 >"$T/out" </dev/null &
pid=$!
wait_for 10 at_least ready 1
stalled
kill -TERM "$pid"
wait_for 10 at_least TERM 1
wait_for 10 test ! -e "/proc/$pid/task"
kill -9 "$pid" 2>/dev/null
await
expect_status 0

begin 'a log that is read again has every line that was held back'
server "$polite"
dcm-start 2>&8 >"$T/out" </dev/null &
pid=$!
wait_for 10 at_least ready 1
stalled
for _ in 1 2 3; do
  started=$(count ready)
  kill -USR1 "$pid"
  wait_for 20 at_least ready $((started + 1))
done
dd if="$T/full" of="$T/read" bs=65536 count=1 iflag=nonblock 2>/dev/null
cat <&7 >"$T/read" &
reader=$!
told() { [ "$(grep -ac 'starting it again' "$T/read")" = 3 ]; }
wait_for 10 told
kill -TERM "$pid"
await
expect_status 0
complete() { grep -aq 'dcm-start: the server has ended after .* (exit status 0)$\|ended after [^(]*$' "$T/read"; }
wait_for 10 complete
kill $reader
exec 7>&- 8>&-
finish
