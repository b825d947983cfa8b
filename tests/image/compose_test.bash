#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docker-compose.yml run as a whole from a clean clone, by each compose that is there: archive and database come up, an image is
# stored and found again, with directories and volumes that a site has, with the password as a secret file.
# compose_test.bash [CASE...]
# cases are called by name
# shellcheck disable=SC2317
# shellcheck source=tests/image/container.bash
. "$DCM_SOURCE/tests/image/container.bash"

compose() {
  # one word or two
  # shellcheck disable=SC2086
  (cd "$directory" && $compose -p "$project" "$@") >"$work/compose.log" 2>&1 || {
    cat "$work/compose.log"
    docker ps -aq --filter "label=com.docker.compose.project=$project" | xargs -rn 1 docker logs --tail 20 2>&1
    fail "compose $*"
  }
}

id_of() { docker ps -q --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1"; }

up() {
  compose up -d
  name=$(id_of archive)
  ready
}

project() { # name
  project=dcmtest$$$1
  export DCM_HTTP_PORT DCM_DICOM_PORT
  DCM_HTTP_PORT=$(free_port)
  DCM_DICOM_PORT=$(free_port)
}

begin() { # name
  directory=$work/$1
  docker_checkout "$directory"
  docker_override "$directory"
  project "$1"
}

published() { # the port that the file publishes, not the container's own
  echoscu -q -to 5 -aec DCM4CHEE 127.0.0.1 "$DCM_DICOM_PORT" || fail "port $DCM_DICOM_PORT does not answer"
}

case_clean_clone() {
  begin clean
  compose config
  compose build --build-arg "BASE=$docker_base" archive
  up
  published
  store CLEAN
  local database tables before
  database=$(id_of database)
  # shellcheck disable=SC2016
  tables=$(docker exec "$database" sh -c 'MYSQL_PWD=$MYSQL_PASSWORD mariadb -N -h 127.0.0.1 -u "$MYSQL_USER" -e "SHOW TABLES" pacsdb' | wc -l)
  [ "$tables" = 55 ] || fail "the schema has $tables tables"
  [ "$(docker inspect --format '{{index .HostConfig.LogConfig.Config "max-size"}} {{.HostConfig.RestartPolicy.Name}}' "$name" "$database" | uniq)" = \
    '10m unless-stopped' ] || fail "logs or restarts are not limited"
  # shellcheck disable=SC2016
  [ "$(inside sh -c 'echo "${TZ-unset}"')" = unset ] || fail "a time zone is set that nobody named"
  before=$(id_of archive)$(id_of database)
  compose up -d
  [ "$(id_of archive)$(id_of database)" = "$before" ] || fail "a second up changes something"
  compose down
  up
  finds CLEAN

  # the same volumes, under a project of another name
  compose down
  local volumes=dcmtest$$clean
  cp -a "$directory" "$work/moved"
  directory=$work/moved
  project moved
  sed -i -E "/^volumes:/,\$s/^  (config|archive|database):\$/  \1: { external: true, name: ${volumes}_\1 }/" "$directory/docker-compose.yml"
  up
  finds CLEAN
  compose down
  # a volume of that name that is not there is an error, never an empty archive
  sed -i "s/name: ${volumes}_archive/name: ${volumes}_lost/" "$directory/docker-compose.yml"
  # shellcheck disable=SC2086
  (cd "$directory" && $compose -p "$project" up -d) >"$work/lost.log" 2>&1 && fail "an archive volume that is lost was made anew"
  grep -F "${volumes}_lost" "$work/lost.log" >/dev/null || fail "the lost volume is not named: $(cat "$work/lost.log")"
}

# Directories in an override file, the secret as the comments have it, .env.
case_everything() {
  begin all
  sed -i -E 's/^( +)(MYSQL_PASSWORD: )/\1# \2/; s/^( *)# (MYSQL_PASSWORD_FILE:)/\1\2/; s/^( *)# (secrets:)/\1\2/' "$directory/docker-compose.yml"
  (umask 077 && printf '%s\n' "$password" >"$directory/mysql_password.txt")
  mkdir -p "$work/site/config" "$work/site/archive" "$work/site/mysql"
  echo '@reboot echo cron works' >>"$directory/crontab_file"
  printf '%s\n' MYSQL_USER=site MYSQL_DATABASE=site_db TZ=America/Montevideo >"$directory/.env"
  sed -i -E "s#^  archive:#&\n    volumes: ['$work/site/config:$volume', '$work/site/archive:$volume/archive']#
    s#volumes: \[#&'$work/site/mysql:/var/lib/mysql', #" "$directory/docker-compose.override.yml"
  [ "$(grep -c '^ *secrets: \[mysql_password\]' "$directory/docker-compose.yml")" = 2 ] || fail "the secret block is not as expected"
  up
  published
  store ALL
  finds ALL
  wait_until 30 "a job of cron" says 'cron works'
  inside dcm-start --restart >"$work/restart" || fail "dcm-start --restart: $(cat "$work/restart")"
  inside touch /opt/dcm/x 2>"$work/touch" && fail "the container can change itself"
  [ -s "$work/site/config/deploy/pacs-mysql-ds.xml" ] || fail "the directory of the configuration is not used"
  [ -d "$work/site/mysql/mysql" ] || fail "the directory of the database is not used"
  [ "$(find "$work/site/archive" -type f | wc -l)" -gt 1 ] || fail "the directory of the archive is not used"
  docker inspect "$name" "$(id_of database)" | grep -F s3cret && fail "the password is in docker inspect"
  [ "$(inside date +%Z)" = "$(TZ=America/Montevideo date +%Z)" ] || fail "the time zone is not the one of .env"
  compose down
  up
  finds ALL
}

end_projects() {
  for kind in container volume network; do
    # shellcheck disable=SC2046
    docker "$kind" ls -q $([ "$kind" != container ] || echo -a) --filter "label=com.docker.compose.project" --format '{{.Label "com.docker.compose.project"}}' 2>/dev/null |
      grep "^dcmtest$$" | sort -u
  done | sort -u | while read -r project; do
    docker ps -aq --filter "label=com.docker.compose.project=$project" | xargs -r docker rm -fv
    docker network ls -q --filter "label=com.docker.compose.project=$project" | xargs -r docker network rm
    docker volume ls -q --filter "label=com.docker.compose.project=$project" | xargs -r docker volume rm
  done >/dev/null 2>&1
}
trap 'end_projects; container_end' EXIT

docker_engine
docker_find_compose || { (docker_provide) && docker_find_compose; } || docker_skip "no compose"
docker_sandbox || fail "docker build"
docker_provide_database
docker_provide_base trixie
(docker_checkout "$work/checkout") || exit
rm -rf "$work/checkout"
export DCM_DB_IMAGE=$docker_database
unset TZ
[ $# -gt 0 ] || set -- clean_clone everything
failed=0
for compose in "docker compose" docker-compose; do
  $compose version >/dev/null 2>&1 || continue
  for container_case in "$@"; do
    began=$SECONDS
    if (trap - EXIT; "case_$container_case"); then
      printf '%s by %s: passed, %d s\n' "$container_case" "$compose" $((SECONDS - began))
    else
      printf '%s by %s: FAILED\n' "$container_case" "$compose"
      failed=1
    fi
    end_projects
    rm -rf "${work:?}"/*
  done
done
exit "$failed"
