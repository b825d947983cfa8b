# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# A container's life in a real engine: commands, secrets, health, stop, kill, a database that is late or goes away.
# Cases of container_test.bash.

now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }
state() { docker inspect --format "{{.State.$1}}" "$name"; }

case_command() {
  local program
  [ "$(docker run --rm --label "$docker_label" "$DCM_TEST_IMAGE" sh -c 'echo $$-$LANG')" = 1-C.UTF-8 ] || fail "a command is PID 1, in UTF-8"
  docker run --rm --label "$docker_label" "$DCM_TEST_IMAGE" dcm-wait-db --help >/dev/null || fail "dcm-wait-db --help"
  for program in bash pkill find gzip mysql mysqldump echoscu zstd age crontab; do
    printf 'command -v %s >/dev/null || echo %s is missing\n' "$program" "$program"
  done >"$work/programs"
  echo 'mysqldump --version >/dev/null; for name in gcc g++ cmake; do ! command -v $name; done' >>"$work/programs"
  [ -z "$(docker run --rm --label "$docker_label" --volume "$work/programs:/programs:ro" "$DCM_TEST_IMAGE" bash -e /programs 2>&1)" ] ||
    fail "the image lacks a program, or has a compiler"
}

# Nowhere but in the environment of the container that was given it.
case_secrets() {
  (umask 077 && printf '%s\n' "$password" >"$work/secret")
  login | grep -v '^MYSQL_PASSWORD=' >"$work/login"
  name=secret-$$
  docker run --detach --name "$name" --label "$docker_label" --label "dcm-test-case=$$-secrets" --network "test-$$" --env-file "$work/login" \
    --env MYSQL_PASSWORD_FILE=/run/secrets/db --volume "$work/secret:/run/secrets/db:ro" "$DCM_TEST_IMAGE" >/dev/null
  ready
  local text
  for text in "$(docker inspect "$DCM_TEST_IMAGE" "$name")" "$(docker history --no-trunc "$DCM_TEST_IMAGE")" "$(docker logs "$name" 2>&1)" \
    "$(docker top "$name" -ef)" "$(inside sh -c 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\0" " "')"; do
    [ -n "$text" ] || fail "nothing to look at"
    case $text in *s3cret*) fail "the password shows" ;; esac
  done
  stop
}

listens() { [ "$(docker_listens "$name")" = "$1" ]; }

case_ports() {
  start ports
  store PORTS
  listens '8080 11112' || fail "these listen: $(docker_listens "$name")"
  # another one would be seen
  docker exec --detach "$name" python3 -c 'import socket, time; s = [socket.create_server((host, 4444 + n)) for n, host in enumerate(("", "127.0.0.1"))]; time.sleep(1000)'
  wait_until 30 "a port that is none of the archive's" listens '127.0.0.1:4445 4444 8080 11112'
  stop
}

# The time that the server takes itself is in its own log.
case_stop() {
  start stop
  store STOP
  local began took own
  began=$(now_ms)
  stop
  took=$(($(now_ms) - began))
  own=$(docker cp "$name:$volume/log/server.log" - | tar -xO | sed -nE 's/^[0-9-]+ ([0-9:]+),([0-9]+) .*(shutdown hook called|Shutdown complete).*/\1.\2/p' |
    while IFS= read -r stamp; do date -d "$stamp" +%s%3N; done | paste -sd' ' | awk '{ print $2 - $1 }')
  printf 'docker stop: %d ms, of which the server: %d ms\n' "$took" "$own"
  says 'Halting VM' || fail "the server was not stopped gracefully"
  began=$(now_ms)
  docker start "$name" >/dev/null
  ready
  printf 'docker start to ready: %d ms; %s\n' "$(($(now_ms) - began))" "$(docker logs "$name" 2>&1 | grep -o 'Started in .*' | tail -n 1)"
  finds STOP
  stop
}

case_kill() {
  start kill
  store KILL
  docker kill --signal KILL "$name" >/dev/null
  [ "$(state ExitCode)" = 137 ] || fail "not killed"
  again
  finds KILL
  stop
}

# An update that starts the new container first: one server on a volume, and who waits says for whom.
case_start_first() {
  local config archive first began
  config=$(new_volume first-config) archive=$(new_volume first-archive)
  local volumes=(--volume "$config:$volume" --volume "$archive:$volume/archive")
  start first "${volumes[@]}"
  first=$name
  store FIRST
  create second "${volumes[@]}"
  local second=$name
  wait_until 60 "it waits" says "is in use by PID 1 on host $(docker inspect --format '{{.Config.Hostname}}' "$first")"
  says "waiting until that ends" || fail "not said"
  running || fail "the second gave up"
  name=$first
  finds FIRST
  stop
  name=$second
  ready
  finds FIRST
  create third "${volumes[@]}"
  wait_until 60 "it waits" says 'waiting until that ends'
  ! says 'dcm-wait-db' || fail "it went on beside the second"
  began=$(now_ms)
  docker kill --signal KILL "$second" >/dev/null
  wait_until 30 "the lock of the dead falls" says 'dcm-start: '
  printf 'from the kill of the holder to the next: %d ms\n' "$(($(now_ms) - began))"
  ready
  finds FIRST
  stop
}

health_is() { [ "$(state Health.Status)" = "$1" ]; }

# The image's own probe; only its rhythm is the test's.
case_health() {
  start health --health-interval 1s --health-retries 2 --health-timeout 5s --health-start-period 0s
  wait_until 30 "ready" inside dcm-start --ready
  wait_until 30 "healthy" health_is healthy
  inside pkill -STOP Orthanc || fail "no server to stop"
  wait_until 120 "unhealthy while DICOM does not answer" health_is unhealthy
  local said status=0
  said=$(inside dcm-start --health) || status=$?
  [[ $status$said == '69silent: '* ]] || fail "--health ends with $status and says: $said"
  inside pkill -CONT Orthanc
  wait_until 120 "healthy again" health_is healthy
  stop
}

# The database's port is there 20 seconds after the container.
case_database_late() {
  local port forward
  port=$(free_port)
  create late --env "MYSQL_PORT=$port"
  wait_until 30 "the wait is said" says dcm-wait-db
  sleep 20
  running || fail "it gave up"
  socat "TCP-LISTEN:$port,bind=$gateway,fork,reuseaddr" "TCP:$gateway:$MARIADB_PORT" &
  forward=$!
  ready
  stop
  kill "$forward"
}

# What was acknowledged is there, whatever the database did meanwhile.
case_database_restarted() {
  unset MARIADB_PORT
  mariadb_start "$work/own" --bind-address="$gateway" || fail "the database"
  mariadb_create sandbox_database_restarted database_restarted "$password"
  trap mariadb_stop EXIT
  start load
  : >"$work/acknowledged"
  local number began
  began=$(state StartedAt)
  (
    for number in {1..60}; do
      dicom_make "$work/load.dcm" "LOAD$number"
      storescu -q -to 5 -ta 5 -td 20 -aec DCM4CHEE "$address" 11112 "$work/load.dcm" 2>/dev/null && echo "LOAD$number" >>"$work/acknowledged"
    done
  ) &
  local load=$!
  wait_until 30 "images arrive" grep LOAD5 "$work/acknowledged"
  mariadb_stop
  mariadb_start "$work/own" --bind-address="$gateway" || fail "the database"
  wait "$load"
  wait_until 60 "it stores again" storescu -q -aec DCM4CHEE "$address" 11112 "$work/load.dcm"
  printf '%d of 60 stored while the database was restarted\n' "$(wc -l <"$work/acknowledged")"
  while read -r number; do
    finds "$number"
  done <"$work/acknowledged"
  [ "$(state StartedAt)" = "$began" ] || fail "the container was restarted"
  stop
}
