#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The database image that is built where no registry answers, as the compose files use it: filled once, whole or not at all,
# whatever ends the first start; a login with any characters; stopped cleanly; refuses what is not its own.
# shellcheck source=tests/lib/docker.bash
. "$DCM_SOURCE/tests/lib/docker.bash"
work=$(mktemp -d)
name=none
trap 'docker_end; rm -rf "$work"' EXIT
password="p'a\\c&<\"s\$x"

fail() {
  printf 'FAILED: %s\n' "$*"
  docker logs "$name" 2>&1 | tail -n 20
  exit 1
}

start() { # name, docker options
  name=$1-$$
  shift
  docker run --detach --name "$name" --label "$docker_label" --env MYSQL_DATABASE=pacs_db --env MYSQL_USER="pa'cs" \
    --env MYSQL_RANDOM_ROOT_PASSWORD=yes "$@" "$docker_database" >/dev/null || fail "docker run"
}

state() { docker inspect --format "{{.State.$1}}" "$name"; }

ready() {
  local limit=$((SECONDS + 90))
  until docker exec "$name" mariadb-admin --silent ping >/dev/null 2>&1; do
    [ "$(state Running)" = true ] || fail "it ended with $(state ExitCode)"
    [ "$SECONDS" -lt "$limit" ] || fail "it does not come up"
    sleep 0.1
  done
}

tables() {
  docker exec --env MYSQL_PWD="$password" "$name" mariadb --host=127.0.0.1 --user="pa'cs" --skip-column-names --execute='SHOW TABLES' pacs_db | wc -l
}

filled() { [ "$(tables)" = 55 ] || fail "the database is not whole"; }

refused() { # text
  [ "$(docker wait "$name")" = 78 ] || fail "it does not refuse"
  docker logs "$name" 2>&1 | grep -F -- "$1" >/dev/null || fail "does not say: $1"
}

docker_engine
docker_provide_database
[ "$docker_database" = dcm-database:10.11 ] || docker_skip "the official image is there"
schema=$DCM_SOURCE/create-mysql.sql:/docker-entrypoint-initdb.d/create-mysql.sql:ro

# the password as a file that only root reads
(umask 077 && printf '%s\n' "$password" >"$work/password")
mkdir "$work/data"
start first --volume "$work/data:/var/lib/mysql" --volume "$schema" --volume "$work/password:/run/secrets/db:ro" --env MYSQL_PASSWORD_FILE=/run/secrets/db
ready
filled
[ -z "$(docker exec "$name" mariadb --skip-column-names --execute='SELECT * FROM mysql.global_priv WHERE user = ""')" ] || fail "an anonymous user is there"
docker exec "$name" sh -c 'cat /proc/[0-9]*/cmdline 2>/dev/null' | tr '\0' ' ' | grep -F 'p'\''a' && fail "the password shows"
docker stop "$name" >/dev/null
[ "$(state ExitCode)" = 0 ] || fail "docker stop did not end with 0"
docker start "$name" >/dev/null
ready
docker kill --signal KILL "$name" >/dev/null
docker start "$name" >/dev/null
ready
filled
[ "$(docker logs "$name" 2>&1 | grep -c 'is loaded')" = 1 ] || fail "the schema was loaded again"
docker rm -f "$name" >/dev/null

# killed at any moment of the first start, and once while it moves the new database to its place
for moment in 0.7 1.5 2.5; do
  rm -rf "$work/killed"
  mkdir "$work/killed"
  start "killed$moment" --volume "$work/killed:/var/lib/mysql" --volume "$schema" --env MYSQL_PASSWORD="$password"
  sleep "$moment"
  docker kill --signal KILL "$name" >/dev/null
  docker start "$name" >/dev/null
  ready
  filled
  [ ! -e "$work/killed/.new" ] || fail "what was begun stays"
  docker rm -f "$name" >/dev/null
done
mkdir "$work/killed/.new"
touch "$work/killed/.new/whole"
mv "$work/killed/mysql" "$work/killed/ibdata1" "$work/killed/.new/"
start moved --volume "$work/killed:/var/lib/mysql" --env MYSQL_PASSWORD="$password"
ready
filled
docker rm -f "$name" >/dev/null

# not its own
mkdir "$work/mysql8" "$work/photos"
touch "$work/mysql8/mysql.ibd" "$work/photos/holiday.jpg"
start mysql8 --volume "$work/mysql8:/var/lib/mysql"
refused "is a data directory of MySQL, which MariaDB cannot open"
start photos --volume "$work/photos:/var/lib/mysql"
refused "is neither empty nor a database: it has 'holiday.jpg'"
start both --env MYSQL_PASSWORD=a --env MYSQL_PASSWORD_FILE=/b
refused "both MYSQL_PASSWORD and MYSQL_PASSWORD_FILE are set; keep one"
[ "$(docker run --rm --label "$docker_label" "$docker_database" sh -c 'echo $$')" = 1 ] || fail "a command is PID 1"
echo passed
