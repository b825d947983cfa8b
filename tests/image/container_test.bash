#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The sandbox image in a real engine: every kind of volume, restarts, signals, secrets.
# container_test.bash build     only builds the image, which the other cases find in the engine's cache
set -u
for tool in echoscu storescu findscu dump2dcm mariadbd; do
  command -v "$tool" >/dev/null || { printf 'skipped: needs %s\n' "$tool"; exit 77; }
done
# shellcheck source=tests/lib/docker.bash
. "$DCM_SOURCE/tests/lib/docker.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$DCM_SOURCE/tests/lib/mariadb.bash"
# shellcheck source=tests/lib/dicom.bash
. "$DCM_SOURCE/tests/lib/dicom.bash"
work=$(mktemp -d)
trap 'mariadb_stop; docker_end; rm -rf "$work"' EXIT
home=/opt/dcm4chee
volume=$home/server/default
password='s3cret&<x>'

fail() {
  printf 'FAILED: %s\n' "$*"
  docker logs "$name" 2>&1 | tail -n 30
  exit 1
}

# start NAME [DOCKER OPTION...]: a container, and wait until its archive answers
start() {
  name=$1-$$
  shift
  docker run --detach --name "$name" --label "$docker_label" --network "test-$$" --env MYSQL_HOST="$gateway" --env MYSQL_PORT="$MARIADB_PORT" \
    --env MYSQL_DATABASE=sandbox --env MYSQL_USER=sandbox --env MYSQL_PASSWORD="$password" "$@" "$DCM_TEST_IMAGE" >/dev/null ||
    fail "docker run"
  ready
}

ready() {
  address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$name")
  local try
  for try in {1..300}; do
    if echoscu -q -to 1 -aec DCM4CHEE "$address" 11112 2>/dev/null; then
      return
    fi
    [ "$(docker inspect --format '{{.State.Running}}' "$name")" = true ] || fail "the container ended instead of coming up"
    sleep 0.2
  done
  fail "no answer on the DICOM port after $try tries"
}

store() { # patient
  dicom_make "$work/$1.dcm" "$1"
  storescu -q -aec DCM4CHEE "$address" 11112 "$work/$1.dcm" || fail "C-STORE of $1"
}

finds() { # patient
  findscu -aec DCM4CHEE -S -k QueryRetrieveLevel=STUDY -k PatientName="$1" -k StudyInstanceUID "$address" 11112 2>&1 |
    grep -F 2.25. >/dev/null || fail "$1 is not found"
}

stop() { # and end with the status of a stop that was asked for
  docker stop --time 60 "$name" >/dev/null
  [ "$(docker inspect --format '{{.State.ExitCode}}' "$name")" = 0 ] || fail "docker stop did not end with 0"
}

new_database() {
  mariadb_sql <<<'DROP DATABASE IF EXISTS sandbox'
  mariadb_create sandbox sandbox "$password"
}

new_volume() { docker volume create --label "$docker_label" "$1-$$" >/dev/null; }

case_no_volume() {
  start plain
  store PLAIN
  finds PLAIN
  stop
  docker start "$name" >/dev/null
  ready
  finds PLAIN
  docker kill --signal KILL "$name" >/dev/null
  docker start "$name" >/dev/null
  ready
  finds PLAIN
  [ "$(docker diff "$name" | grep -c "$volume/deploy/")" -le 2 ] || fail "without a volume nothing but the datasource is copied"
}

# Docker copies the image's directory into an empty named volume; a new container finds configuration and images again.
case_named_volumes() {
  new_volume config
  new_volume archive
  start named --volume "config-$$:$volume" --volume "archive-$$:$volume/archive"
  store NAMED
  docker exec "$name" sh -c "echo 'site=1' >>$volume/conf/sandbox.properties" || fail "cannot edit"
  docker exec "$name" dcm-seed-volume --verify | grep -F conf/sandbox.properties >/dev/null || fail "--verify must name the edited file"
  stop
  docker rm "$name" >/dev/null
  start again --volume "config-$$:$volume" --volume "archive-$$:$volume/archive"
  finds NAMED
  docker exec "$name" grep -Fx 'site=1' "$volume/conf/sandbox.properties" >/dev/null || fail "the site's edit is lost"
  stop
}

# Binds from one disk have the same st_dev as each other; one is another user's.
case_bind_mounts() {
  mkdir "$work/config" "$work/archive"
  chown 1234:1234 "$work/archive" "$work/config"
  start bind --volume "$work/config:$volume" --volume "$work/archive:$volume/archive"
  store BIND
  [ "$(stat -c %u "$work/archive")" = 1234 ] || fail "the archive changed its owner"
  [ -s "$work/config/.dcm/marker" ] || fail "the bind mount was not seeded"
  stop
  docker start "$name" >/dev/null
  ready
  finds BIND
  stop
}

case_read_only() {
  new_volume ro
  start readonly --read-only --tmpfs /tmp --tmpfs /run --tmpfs /var/spool/cron/crontabs:mode=1730 --volume "ro-$$:$volume"
  store READONLY
  finds READONLY
  stop
}

case_database_late() {
  mariadb_stop
  name=late-$$
  docker run --detach --name "$name" --label "$docker_label" --network "test-$$" --env MYSQL_HOST="$gateway" --env MYSQL_PORT="$MARIADB_PORT" \
    --env MYSQL_DATABASE=sandbox --env MYSQL_USER=sandbox --env MYSQL_PASSWORD="$password" "$DCM_TEST_IMAGE" >/dev/null
  until docker logs "$name" 2>&1 | grep -F dcm-wait-db >/dev/null; do
    sleep 0.1
  done
  mariadb_start "$work/db" --bind-address="$gateway"
  ready
  stop
}

case_command() {
  name=command-$$
  [ "$(docker run --rm --label "$docker_label" "$DCM_TEST_IMAGE" sh -c 'echo $$-$LANG')" = 1-C.UTF-8 ] || fail "a command is PID 1, in UTF-8"
  docker run --rm --label "$docker_label" "$DCM_TEST_IMAGE" dcm-wait-db --help >/dev/null || fail "dcm-wait-db --help"
  local program
  for program in bash pkill find gzip mysql mysqldump echoscu zstd age crontab; do
    docker run --rm --label "$docker_label" "$DCM_TEST_IMAGE" sh -c "command -v $program" >/dev/null || fail "$program is not in the image"
  done
  docker run --rm --label "$docker_label" "$DCM_TEST_IMAGE" mysqldump --version >/dev/null || fail "mysqldump does not run"
  docker run --rm --label "$docker_label" "$DCM_TEST_IMAGE" sh -c 'command -v gcc g++ cmake' && fail "a compiler is in the image"
  return 0
}

case_secrets() {
  start secret
  for text in "$(docker inspect "$DCM_TEST_IMAGE")" "$(docker history --no-trunc "$DCM_TEST_IMAGE")" "$(docker logs "$name" 2>&1)" \
    "$(docker top "$name" -ef)"; do
    case $text in *s3cret*) fail "the password shows" ;; esac
  done
  stop
}

docker_engine
docker_sandbox || { name=none; fail "docker build"; }
[ "$1" != build ] || exit 0
docker network create --label "$docker_label" "test-$$" >/dev/null || exit 1
gateway=$(docker network inspect "test-$$" --format '{{(index .IPAM.Config 0).Gateway}}')
mariadb_start "$work/db" --bind-address="$gateway" || exit 1
new_database
"case_$1"
echo passed
