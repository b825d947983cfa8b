# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# dcm-start as PID 1 of a real container: restarts in place, whoever asks for them, signals, crashes, stops at any moment, memory,
# and as whom the server runs.
# Cases of container_test.bash.

status_has() { inside dcm-start --status | grep -E -- "$1" >/dev/null; }
status_json() { inside dcm-start --status --json; }
starts() { docker logs "$name" 2>&1 | grep -cF 'dcm4chee-sandbox starting'; }
started_after() { [ "$(starts)" -gt "$1" ]; } # starts that were there

case_supervise() {
  start supervise --restart on-failure --env DCM_RUN_AS=2001:2002
  store SUPERVISE
  privileges 2001 2002
  [ -z "$(inside find "$volume/archive" -type f ! -uid 2001)" ] || fail "stored as another user"
  wait_until 30 "ready" inside dcm-start --ready
  local began said server
  began=$(state StartedAt)
  server=$(inside pgrep -f bin/sandbox-server)

  docker kill --signal QUIT "$name" >/dev/null
  wait_until 10 "the thread dump" says 'Full thread dump'
  [ "$(inside pgrep -f bin/sandbox-server)" = "$server" ] || fail "SIGQUIT ended the server"

  said=$(inside dcm-start --restart --reason 'by hand' 2>&1) || fail "dcm-start --restart: $said"
  [[ $said == *'by hand'*'away for'* ]] || fail "--restart does not say what it did: $said"
  [ "$(inside pgrep -f bin/sandbox-server)" != "$server" ] || fail "it is the same server"
  finds SUPERVISE
  status_has '^restarts: +1, requested 1$' || fail "not counted: $(inside dcm-start --status)"

  inside pkill -KILL -f bin/sandbox-server
  wait_until 30 "the crash" says 'the server ended unasked after'
  restarted() { [ "$(state StartedAt)" != "$began" ]; }
  wait_until 30 "the engine starts the container again" restarted
  wait_until 30 "ready after the crash" inside dcm-start --ready
  finds SUPERVISE
  privileges 2001 2002

  docker exec --detach "$name" dcm-start --restart --reason interrupted
  wait_until 30 "the restart" says 'restart requested (interrupted)'
  stop

  local starts
  starts=$(starts)
  docker start "$name" >/dev/null
  wait_until 30 "the server starts" started_after "$starts"
  stop
  again
  finds SUPERVISE
  stop
}

case_stop_while_waiting() {
  create waiting --env MYSQL_PORT=1
  wait_until 30 "the wait is said" says 'dcm-wait-db: '
  local said
  said=$(inside dcm-start --health) || fail "a database that is waited for is bad health: $said"
  [[ $said == 'starting: waiting for the database: '* ]] || fail "--health says: $said"
  docker stop --time 60 "$name" >/dev/null
  [ "$(state ExitCode)" = 143 ] || fail "stopped with $(state ExitCode)"
}

# cron needs root; everything else does not.
case_not_root() {
  mkdir "$work/notroot"
  chown 1234:1234 "$work/notroot"
  start notroot --user 1234:1234 --tmpfs /run:mode=1777 --volume "$work/notroot:$volume"
  says 'not running as root, so cron cannot work' || fail "it is not said that cron is left out"
  store NOTROOT
  finds NOTROOT
  [ -z "$(find "$work/notroot" ! -uid 1234)" ] || fail "files of another user"
  inside dcm-start --status >/dev/null || fail "no status"
  inside pkill -KILL -f bin/sandbox-server
  refused 137 'ending with the same status'
}

# A line of the crontab, as the README has it, but for the time.
case_cron_restart() {
  printf '* * * * * [ -e /run/once ] || { : >/run/once; dcm-start --restart --reason nightly; }\n' >"$work/nightly"
  start nightly --volume "$work/nightly:/crontab_file:ro"
  store NIGHTLY
  privileges 11112 11112
  local began
  began=$(state StartedAt)
  wait_until 90 "the job" says 'restart requested (nightly)'
  wait_until 60 "the restart is over" status_has 'nightly; away for'
  status_has '^restarts: +1, requested 1$' || fail "not counted: $(inside dcm-start --status)"
  ready
  finds NIGHTLY
  [ "$(state StartedAt)" = "$began" ] || fail "the container was restarted"
  stop
}

# The limit is the engine's, whatever version of cgroups it has.
case_memory() {
  start memory --memory 512m --env DCM_MAX_RSS=5M
  store MEMORY
  [ "$(status_json | jq .memory.limit_bytes)" = $((512 * 1024 * 1024)) ] || fail "the limit: $(status_json)"
  wait_until 150 "the restart" says 'more than DCM_MAX_RSS allows'
  wait_until 60 "the restart is over" status_has 'away for'
  [ "$(status_json | jq .restarts.kinds.memory)" = 1 ] || fail "not counted: $(status_json)"
  ready
  finds MEMORY
  stop
}
