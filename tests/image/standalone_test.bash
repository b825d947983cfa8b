#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The database inside: the target standalone over the sandbox server, started by `docker run` alone.
# standalone_test.bash build     only builds the image, which the other cases find in the engine's cache
set -u
for tool in echoscu storescu findscu dump2dcm; do
  command -v "$tool" >/dev/null || { printf 'skipped: needs %s\n' "$tool"; exit 77; }
done
# shellcheck source=tests/lib/docker.bash
. "$DCM_SOURCE/tests/lib/docker.bash"
# shellcheck source=tests/image/standalone.bash
. "$DCM_SOURCE/tests/image/standalone.bash"
# shellcheck source=tests/lib/dicom.bash
. "$DCM_SOURCE/tests/lib/dicom.bash"
image=$DCM_TEST_IMAGE-standalone
work=$(mktemp -d)
trap 'docker_end; rm -rf "$work"' EXIT
volume=/opt/dcm4chee/server/default

answers() { echoscu -q -to 2 -aec DCM4CHEE "$address" 11112 2>/dev/null; }

store() { # patient
  dicom_make "$work/$1.dcm" "$1"
  storescu -q -aec DCM4CHEE "$address" 11112 "$work/$1.dcm" || fail "C-STORE of $1"
}

finds_quietly() { # patient
  findscu -aec DCM4CHEE -S -k QueryRetrieveLevel=STUDY -k PatientName="$1" -k StudyInstanceUID "$address" 11112 2>&1 |
    grep -F 2.25. >/dev/null
}

finds() { finds_quietly "$1" || fail "$1 is not found"; }

again() { # after the container was stopped or killed
  docker start "$name" >/dev/null
  ready
}

case_no_volume() {
  start plain
  store PLAIN
  finds PLAIN
  [ "$(docker exec "$name" mysql -N -e 'SELECT @@character_set_server, @@collation_server, @@hostname IS NOT NULL' | cut -f1,2)" = \
    "utf8mb4"$'\t'"utf8mb4_general_ci" ] || fail "the character set is not the one that is wanted"
  [ "$(docker_listens "$name")" = '127.0.0.1:3306 8080 11112' ] || fail "these listen: $(docker_listens "$name")"
  docker exec "$name" sh -c 'ps -eo stat= | grep -c "^Z"' | grep -x 0 >/dev/null || fail "a zombie stays"
  stop
  stopped_cleanly
  again
  finds PLAIN
  docker kill --signal KILL "$name" >/dev/null
  again
  finds PLAIN
  stop
}

# All of it on volumes, of a kind each; a new container finds it again.
case_volumes() {
  local options=(--volume "config-$$:$volume" --volume "$work/archive:$volume/archive" --volume "$work/database:/var/lib/mysql")
  docker volume create --label "$docker_label" "config-$$" >/dev/null
  mkdir "$work/archive" "$work/database"
  chown 1234:1234 "$work/archive" "$work/database"
  start first "${options[@]}" --env MYSQL_PASSWORD="it's \\ a|b" --env MYSQL_DATABASE=pacs_db
  store VOLUMES
  docker top "$name" -ef | grep -F 'a|b' >/dev/null && fail "the password shows"
  stop
  docker rm "$name" >/dev/null
  # the password of the first start is in the datasource on the volume and in the database
  start second "${options[@]}" --env MYSQL_DATABASE=pacs_db --read-only --tmpfs /tmp --tmpfs /run --tmpfs /var/spool/cron/crontabs:mode=1730
  finds VOLUMES
  stop
  docker rm "$name" >/dev/null
  start third "${options[@]}" --env MYSQL_DATABASE=pacs_db --env MYSQL_PASSWORD=another
  finds VOLUMES
  stop
}

# Stopped while the database is being made: the next start makes it anew.
case_cut_short() {
  name=cut-$$
  docker run --detach --name "$name" --label "$docker_label" "$image" >/dev/null || fail "docker run"
  wait_for "no first start to cut short" docker exec "$name" test -d /var/lib/mysql/data.new
  docker stop --time 60 "$name" >/dev/null
  [ "$(docker inspect --format '{{.State.ExitCode}}' "$name")" = 143 ] || fail "a start that is stopped ends with 143"
  again
  store CUT
  finds CUT
  stop
}

case_database_dies() {
  start dies
  store DIES
  docker exec "$name" pkill -KILL mariadbd || fail "no database runs"
  until docker logs "$name" 2>&1 | grep -F 'the database ended with status 137; starting it again' >/dev/null; do
    sleep 0.1
  done
  wait_for 'the database is not back' docker exec "$name" mysql -e 'SELECT 1'
  # the archive's old connection is gone: what it asks first may fail
  wait_for 'DIES is not found' finds_quietly DIES
  stop
  stopped_cleanly
}

# The archive's own end is the container's, with its status, and the database's.
case_archive_dies() {
  start archive
  docker exec "$name" pkill -KILL Orthanc || fail "no archive runs"
  [ "$(docker wait "$name")" = 137 ] || fail "not the archive's status"
  stopped_cleanly
}

case_elsewhere() {
  name=elsewhere-$$
  docker run --detach --name "$name" --label "$docker_label" --env MYSQL_HOST=127.0.0.9 "$image" >/dev/null || fail "docker run"
  until docker logs "$name" 2>&1 | grep -F dcm-wait-db >/dev/null; do
    sleep 0.1
  done
  docker top "$name" -eo pid,comm | grep -F mariadbd && fail "a database runs though MYSQL_HOST names one"
  docker exec "$name" sh -c 'tr "\0" " " </proc/1/cmdline' | grep -F standalone && fail "the chain is not PID 1"
  docker stop --time 20 "$name" >/dev/null
  [ "$(docker inspect --format '{{.State.ExitCode}}' "$name")" = 143 ] || fail "a wait that is stopped ends with 143"
  [ "$(docker run --rm --label "$docker_label" "$image" sh -c 'echo $$; exit 7'; echo $?)" = $'1\n7' ] || fail "a command is PID 1"
}

docker_engine
docker_build standalone-sandbox "$image" || { tail -n 40 "$docker_log"; exit 1; }
rm -f "$docker_log"
[ "$1" != build ] || exit 0
"case_$1"
echo passed
