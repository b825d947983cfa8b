#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-start whose log nobody reads.
# shellcheck disable=SC2016,SC2034,SC2154,SC2317
# shellcheck source=tests/lib/private.bash
. "$DCM_SOURCE/tests/lib/private.bash"
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
# shellcheck source=tests/lib/start.bash
. "$DCM_SOURCE/tests/lib/start.bash"

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
