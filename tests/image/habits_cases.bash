# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# What sites of the original image have and do: its volumes, its three docker run commands, crontab by hand, lines that write to
# the output of PID 1. What they keep is found again.
# Cases of container_test.bash.

# What the original image left behind: all of it root's, no marker, the login written by sed, and what the site changed itself.
make_original() { # volume
  docker run --rm --label "$docker_label" --volume "$1:/volume" --env-file <(login) "$DCM_TEST_IMAGE" sh -euc '
    rm -r /volume/.dcm
    sed -i "s/<user-name>pacs</<user-name>$MYSQL_USER</; s#//[^/]*/[a-z_]*<#//$MYSQL_HOST:$MYSQL_PORT/$MYSQL_DATABASE<#" /volume/deploy/pacs-mysql-ds.xml
    echo "<!-- the site was here -->" >>/volume/deploy/pacs-mysql-ds.xml
    echo site=1 >>/volume/conf/sandbox.properties
    rm /volume/lib/sandbox.txt
    echo "<server/>" >/volume/deploy/site-service.xml
    find /volume -path /volume/archive -prune -o -exec chown 0:0 {} +' || fail "cannot make the volume"
}

site_is_there() {
  inside sh -euc "cd $volume; grep -Fx site=1 conf/sandbox.properties; grep -F 'the site was here' deploy/pacs-mysql-ds.xml
    [ ! -e lib/sandbox.txt ]; [ -e deploy/site-service.xml ]" >/dev/null || fail "what the site changed is lost"
}

case_original_volume() {
  local config archive=$work/original/archive
  config=$(new_volume original)
  mkdir -p "$archive"
  # the original server ran as root
  start before --volume "$config:$volume" --volume "$archive:$volume/archive" --env DCM_RUN_AS=0
  store ORIGINAL
  stop
  docker rm "$name" >/dev/null
  make_original "$config"
  local owners
  owners=$(find "$archive" -printf '%P %u\n' | sort)
  start after --volume "$archive:$volume/archive/" --volume "$config:$volume/"
  says adopted || fail "adoption is not said"
  privileges 0 0
  finds ORIGINAL
  store ADOPTED
  site_is_there
  [ "$(find "$archive" -printf '%P %u\n' | sort | grep -Fxc "$owners")" -ge "$(wc -l <<<"$owners")" ] || fail "owners of DICOM files changed"
  stop
  docker rm "$name" >/dev/null
  start later --volume "$archive:$volume/archive/" --volume "$config:$volume/"
  finds ORIGINAL
  finds ADOPTED
  site_is_there
  stop
}

# The commands as they are written in its README, but for the names and the database, which is elsewhere.
case_readme_commands() {
  local config archive=$work/data/archive crontab=$work/host/path/crontab_file
  name=rm-$$
  docker run --rm --name "$name" --label "$docker_label" --network "test-$$" --env-file <(login) -d "$DCM_TEST_IMAGE" >/dev/null
  ready
  store RM
  finds RM
  docker stop "$name" >/dev/null
  wait_until 30 "--rm removes it" eval '! docker inspect "$name"'
  mariadb_sql <<<"DROP DATABASE sandbox_$container_case; CREATE DATABASE sandbox_$container_case"

  config=$(new_volume dcm4chee_vol)
  mkdir -p "$archive" "${crontab%/*}"
  name=persistent-$$
  docker run --name "$name" --label "$docker_label" --network "test-$$" --env-file <(login) -d \
    -v "$archive:/opt/dcm4chee/server/default/archive/" \
    -v "$config:/opt/dcm4chee/server/default/" \
    "$DCM_TEST_IMAGE" >/dev/null
  ready
  store README
  stop
  docker rm "$name" >/dev/null

  printf '@reboot echo from the crontab > /proc/1/fd/1 2>/proc/1/fd/2' >"$crontab"
  name=cron-$$
  docker run --name "$name" --label "$docker_label" --network "test-$$" --env-file <(login) -d \
    -v "$archive:/opt/dcm4chee/server/default/archive/" \
    -v "$config:/opt/dcm4chee/server/default/" \
    -v "$crontab:/crontab_file" \
    "$DCM_TEST_IMAGE" >/dev/null
  ready
  finds README
  wait_until 30 "the job's output" says 'from the crontab'
  stop
}

# docker exec -it NAME bash, then crontab /crontab_file: a table loaded by hand, run by cron at the next minute.
case_crontab_by_hand() {
  printf '# nothing yet\n' >"$work/crontab_file"
  start hand --volume "$work/crontab_file:/crontab_file"
  printf '* * * * * echo by-hand-$((40 + 2)) > /proc/1/fd/1 2>/proc/1/fd/2\n' >"$work/crontab_file"
  docker exec -i "$name" bash <<<'crontab /crontab_file' || fail "crontab /crontab_file"
  inside crontab -l | grep -F by-hand >/dev/null || fail "it is not loaded"
  wait_until 90 "the job of the next minute" says by-hand-42
  stop
}

# Output of jobs in docker logs whatever their user, without a redirection, and the environment of the container, secrets for root
# alone; a failure is named.
case_cron_output() {
  printf '@reboot echo "root has $MYSQL_USER, a password of ${#MYSQL_PASSWORD}"\n' >"$work/jobs"
  printf '* * * * * echo "$(id -un) has $MYSQL_DATABASE, a password of ${#MYSQL_PASSWORD}"; cat /run/dcm/env; exit 3\n' >"$work/others"
  start jobs --volume "$work/jobs:/crontab_file:ro" --volume "$work/others:/others:ro"
  wait_until 30 "output of root's job" says "root has $container_case, a password of ${#password}"
  inside dcm-cron-load --user nobody --file /others || fail "no crontab of nobody"
  wait_until 90 "output of nobody's job" says "nobody has sandbox_$container_case, a password of 0"
  wait_until 30 "the secrets are shut" says '/run/dcm/env: Permission denied'
  wait_until 30 "the failure" says 'user nobody failed: exit status 3'
  stop
}
