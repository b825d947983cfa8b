# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2317
# What the tests of dcm-start share. Source after harness.bash. Then:
#   server BODY [EXTRA]   a run.sh whose child, as JBoss's JVM, is BODY in sh; status 10 is run again
#   server_pid            its PID
#   background ARG...     dcm-start in the background, its PID in $pid; its streams in $T/out and $T/err, or in
#                         $background_out and $background_err; await: its end, the status in $status
#   count WORD, at_least WORD N   what the server told about itself in $MARKS
#   dicom_server          from here on $jboss is a body that says "Started" in its log and answers on DICOM port $PORT, and dcm-start's
#                         streams are kept apart; then: says REGEX (on standard error), state, is_state WORD, field JQ-PATH, stop
#   $polite               a body that tells of the signals it gets and ends at SIGTERM with 0; alone: nothing is left
# cron is replaced here: what a test starts must be known to the last process. The real one: tests/integration.
mkdir -p "$T/bin" "$T/home/bin" "$T/home/server/default/log"
printf '#!/bin/sh\nexec sleep 1000\n' >"$T/bin/cron"
printf '#!/bin/sh\necho "$JAVA_SAYS"; exit "${JAVA_STATUS:-0}"\n' >"$T/bin/java" # no JVM for every start
chmod +x "$T/bin/cron" "$T/bin/java"
# Status and control of this test's own.
printf '#!/bin/sh\nexec "$DCM_BIN/dcm-start" --run-dir "%s/run" "$@"\n' "$T" >"$T/bin/dcm-start"
chmod +x "$T/bin/dcm-start"
export PATH="$T/bin:$PATH" DCM4CHEE_HOME=$T/home MARKS=$T/marks DCM_BIN
export DCM_SERVER_ENV="MARKS LOG PORT REFUSE JAVA_SAYS JAVA_STATUS"
log=$T/home/server/default/log/server.log
export LOG=$log

server() {
  printf '%s\n' '#!/bin/sh' "echo up >>$MARKS" "$1" >"$T/home/bin/child"
  printf '%s\n' '#!/bin/sh' "while :; do $T/home/bin/child \"\$@\"; s=\$?; [ \$s = 10 ] || exit \$s; done" >"$T/home/bin/run.sh"
  chmod +x "$T/home/bin/"*
  rm -f "$MARKS"
}
# The oldest: what it starts has its name for a moment.
server_pid() { pgrep -o -f "^/bin/sh $T/home/bin/child"; }
count() { grep -c "^$1" "$MARKS" 2>/dev/null || true; }
at_least() { [ "$(count "$1")" -ge "$2" ]; }
polite='trap "echo TERM >>$MARKS; exit 0" TERM; trap "echo HUP >>$MARKS" HUP; trap "echo QUIT >>$MARKS" QUIT; trap "echo USR2 >>$MARKS" USR2
trap "echo WINCH >>$MARKS" WINCH
echo ready >>$MARKS; while :; do sleep 0.02; done'
background() {
  : >"${background_out:-$T/out}"
  : >"${background_err:-$T/err}" # now, not when the child comes to it
  dcm-start "$@" >"${background_out:-$T/out}" 2>"${background_err:-$T/err}" </dev/null &
  pid=$!
}
await() { # its end; the status in $status
  wait "$pid"
  status=$?
}
alone() { [ -z "$(pgrep -f "^(/bin/sh )?$T/" ; pgrep -x sleep)" ]; }

# storescp is the server's child, as deep as JBoss's DICOM is.
dicom_server() {
  port=$((20000 + RANDOM % 10000))
  export DCM_HEALTH_PORT=$port PORT=$port
  jboss='trap "sleep 0.3; kill \$dicom; exit 0" TERM; cd /tmp
echo "INFO [org.jboss.system.server.Server] JBoss (MX MicroKernel) Started in 1s:5ms" >$LOG
storescp $REFUSE $PORT & dicom=$!; echo up-and-running >>$MARKS; while :; do sleep 0.02; done'
  background_out=$T/start.out background_err=$T/start.err
}
says() { grep -Eq -- "$1" "$background_err"; }
state() { jq -re .state "$T/run/status.json"; }
is_state() { [ "$(state)" = "$1" ]; }
field() { jq -re "$1" "$T/run/status.json"; }
stop() {
  kill -TERM "$pid"
  await
}
