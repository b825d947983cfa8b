#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-start over a real JVM, started by a run.sh as JBoss's, with storescp as its DICOM side: thread dump, status 143,
# what it holds in memory, options that a JVM refuses; and what takes its minute: an archive that falls silent, the leak
# guard.
# shellcheck disable=SC2034,SC2154,SC2317
# shellcheck source=tests/lib/private.bash
. "$DCM_SOURCE/tests/lib/private.bash"
# shellcheck source=tests/cli/harness.bash
. "$DCM_SOURCE/tests/cli/harness.bash"
for command in java javac storescp echoscu jq; do command -v $command >/dev/null || skip "needs $command"; done
port=$((20000 + RANDOM % 10000))
mkdir -p "$T/home/bin" "$T/home/server/default/log" "$T/class"
cat >"$T/Jboss.java" <<'E_JAVA'
import java.io.FileWriter;
import java.util.Arrays;

public class Jboss {
    static byte[] held;

    public static void main(String[] arguments) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("Shutdown complete")));
        held = new byte[Integer.getInteger("hold", 1) << 20];
        Arrays.fill(held, (byte) 1);
        Process dicom = new ProcessBuilder("storescp", System.getProperty("port")).inheritIO().start();
        try (FileWriter log = new FileWriter(System.getProperty("log"))) {
            log.write("INFO [org.jboss.system.server.Server] JBoss stand-in Started in 0s:1ms\n");
        }
        System.out.println("serving");
        Thread.sleep(Long.MAX_VALUE);
    }
}
E_JAVA
javac -d "$T/class" "$T/Jboss.java" || skip 'javac does not work'
cat >"$T/home/bin/run.sh" <<E_RUN
#!/bin/sh
while :; do
  java \$JAVA_OPTS -Dlog="\$LOG" -Dport="\$DCM_HEALTH_PORT" -cp "$T/class" Jboss "\$@"
  status=\$?
  [ \$status = 10 ] || exit \$status
done
E_RUN
chmod +x "$T/home/bin/run.sh"
export DCM4CHEE_HOME=$T/home LOG=$T/home/server/default/log/server.log JAVA_OPTS='-Xmx200m -Dhold=100'
export DCM_SERVER_ENV='LOG DCM_HEALTH_PORT'

# start NAME PORT [OPTION...]: a dcm-start of its own; its output in $T/NAME.log, its PID in $pid
start() {
  local name=$1
  export DCM_HEALTH_PORT=$2
  shift 2
  dcm-start --run-dir "$T/$name" "$@" >"$T/$name.log" 2>&1 </dev/null &
  pid=$!
}
field() { jq -re "$2" "$T/$1/status.json"; }
is_state() { [ "$(field "$1" .state)" = "$2" ]; }
says() { grep -Eq -- "$2" "$T/$1.log"; }

begin 'ready; what the JVM holds is known'
start one "$port"
wait_for 60 is_state one ready
java_pid=$(field one .server.pid)
expect 'it is the JVM' test "$(cat "/proc/$java_pid/comm")" = java
expect 'more than 100 MB' test "$(field one .server.rss_bytes)" -gt 100000000
expect 'no warning' test "$(grep -c warning "$T/one.log")" = 0

begin 'SIGQUIT: a thread dump, and the JVM goes on'
kill -QUIT "$pid"
wait_for 10 says one 'Full thread dump'
expect 'it lives' kill -0 "$java_pid"

begin "pkill -15 java, as many a crontab has it: started again in place"
kill -TERM "$java_pid"
wait_for 20 says one 'has ended cleanly \(exit status 143\), though nobody asked dcm-start; starting it again'
restarted() { [ "$(field one .restarts.kinds.ended)" = 1 ] && is_state one ready; }
wait_for 60 restarted
expect 'another JVM' test "$(field one .server.pid)" != "$java_pid"

begin 'a stop: the shutdown hook runs, 143 is clean'
kill -TERM "$pid"
wait "$pid"
status=$?
expect_status 0
expect 'the hook ran' test "$(grep -c 'Shutdown complete' "$T/one.log")" = 2

begin 'options that this JVM refuses are named, its status is passed on'
JAVA_OPTS='-Xmx100m -XX:+UseCompressedStrings' run dcm-start --run-dir "$T/two"
expect_status 1

begin 'options that only run.conf gives are judged as the JVM reads them'
unset JAVA_OPTS
printf 'HEAP="-Xmx100m"\nJAVA_OPTS="$JAVA_OPTS $HEAP \\\n\t-XX:+UseCompressedStrings -Dhold=1"\n' >"$T/home/bin/run.conf"
start three "$((port + 3))"
wait_for 60 says three "warning: the JVM does not start with the options of run.conf: Unrecognized VM option 'UseCompressedStrings'; correct them"
kill -TERM "$pid"
wait "$pid"
rm "$T/home/bin/run.conf"
export JAVA_OPTS='-Xmx200m -Dhold=100'

begin 'the leak guard restarts above the limit; an archive that falls silent is named, and heals'
start leak "$((port + 1))" --max-rss 50M
leak=$pid
start silent "$((port + 2))"
silent=$pid
wait_for 60 is_state silent ready
wait_for 60 is_state leak ready
java_pid=$(field leak .server.pid)
dicom=$(pgrep -P "$(field silent .server.pid)" -x storescp)
kill -TERM "$dicom"
wait_for 90 says leak 'restart requested \(the JVM holds .* of memory, more than DCM_MAX_RSS allows'
wait_for 60 is_state leak ready
expect 'another JVM' test "$(field leak .server.pid)" != "$java_pid"
expect 'counted' test "$(field leak .restarts.kinds.memory)" = 1
wait_for 90 is_state silent silent
expect 'named' says silent "warning: the archive does not answer on DICOM port $((port + 2)): .*nothing listens"
run dcm-start --run-dir "$T/silent" --health
expect_status 69
expect_out_like '^silent: no answer to a C-ECHO: nothing listens on port'
storescp $((port + 2)) &
dicom=$!
wait_for 90 is_state silent ready
run dcm-start --run-dir "$T/silent" --health
expect_status 0
kill "$dicom"
kill -TERM "$leak" "$silent"
wait "$leak"
status=$?
expect_status 0
wait "$silent"
status=$?
expect_status 0
finish
