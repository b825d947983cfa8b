#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The maintenance scripts in the image: each from its cron; the machine that is lost and comes back from its backup; the proof.
# maintenance_test.bash [CASE...]
# shellcheck disable=SC2154,SC2317
# shellcheck source=tests/image/container.bash
. "$DCM_SOURCE/tests/image/container.bash"

case_scheduled() {
  local scripts=/opt/dcm/maintenance
  mkdir -p "$work/scheduled"
  cat >"$work/crontab" <<E_CRONTAB
* * * * * $scripts/backup
* * * * * $scripts/prune-logs
* * * * * $scripts/verify-archive
* * * * * $scripts/check
* * * * * $scripts/disk-usage
* * * * * $scripts/restart-archive --limit 30
E_CRONTAB
  start scheduled --volume "$work/crontab:/crontab_file:ro" --volume "$work/scheduled:/backup"
  store SCHEDULED
  wait_until 100 "backup" says "backup: database 'sandbox_scheduled' ("
  wait_until 30 "prune-logs" says 'prune-logs: removed 0 logs'
  wait_until 30 "verify-archive" says ' files read, 0 lost, 0 damaged'
  wait_until 30 "check" says 'check: errors: '
  # the sandbox's tables have no dates: a failed job is named with its status
  wait_until 30 "disk-usage" says 'disk-usage: error: '
  wait_until 60 "restart-archive" says 'restart-archive: restarted and ready again'
  ! says "$password" || fail "the password is in the log"
  finds SCHEDULED
}

case_drill() {
  mkdir -p "$work/drill" "$work/open" && chmod 777 "$work/open"
  local config archive began said status=0
  config=$(new_volume drill-config) archive=$(new_volume drill-archive)
  start drill --volume "$config:$volume" --volume "$archive:$volume/archive" --volume "$work/drill:/backup" --volume "$work/open:/open"
  store DRILL
  inside /opt/dcm/maintenance/backup || fail "backup"
  inside /opt/dcm/maintenance/backup --to /tmp 2>/dev/null || status=$?
  [ "$status" = 78 ] || fail "a backup inside the container is not refused: $status"
  status=0
  said=$(inside /opt/dcm/maintenance/backup --to /open 2>&1) || status=$?
  [[ $status = 78 && $said == *"the server may write in '/open'"* ]] || fail "a backup where the server may write is not refused: $status $said"
  mkdir -p "$work/open/a/b/x@y" && : >"$work/open/a/b/x@y/.archive" && chmod 777 "$work/open/a/b"
  status=0
  said=$(inside /opt/dcm/maintenance/backup --to /open/a/b 2>&1) || status=$?
  [ "$status" = 78 ] || fail "a backup that dcm-start would not hide is not refused: $status $said"
  rm -r "$work/open/a" && chmod 700 "$work/open"
  inside /opt/dcm/maintenance/backup --to /open || fail "a backup in a directory of root's alone"
  docker rm -f "$name" >/dev/null
  docker volume rm "$config" >/dev/null
  mariadb_sql <<<'DROP DATABASE sandbox_drill'
  mariadb_create sandbox_drill drill "$password"
  config=$(new_volume drill-config)
  began=$SECONDS
  docker run --rm --label "$docker_label" --network "test-$$" --env-file <(login) --volume "$config:$volume" \
    --volume "$archive:$volume/archive" --volume "$work/drill:/backup" "$DCM_TEST_IMAGE" \
    bash -c 'exec /opt/dcm/maintenance/restore /backup/*@*' >"$work/drill.log" 2>&1 || fail "restore: $(cat "$work/drill.log")"
  grep -q '^prove-archive: came up in .* found study 2\.25\.' "$work/drill.log" || fail "no proof: $(cat "$work/drill.log")"
  printf 'restored and proved in %d s\n' $((SECONDS - began))
  start drill2 --volume "$config:$volume" --volume "$archive:$volume/archive"
  finds DRILL
  stop
}

# docker-compose.yml and the weekly line of crontab_file as they stand: the login has rights on its own database only
case_proved() {
  local line said
  mkdir -p "$work/proved"
  start proved --volume "$(new_volume proved-config):$volume" --volume "$(new_volume proved-archive):$volume/archive" \
    --volume "$work/proved:/backup" --read-only --tmpfs /tmp:exec --tmpfs /run --tmpfs /var/backups --tmpfs /var/spool/cron/crontabs:mode=1730
  store PROVED
  line=$(sed -n 's,^# [0-9].* 0  *\(/opt/dcm/maintenance/backup .*--prove\)$,\1,p' "$DCM_SOURCE/crontab_file")
  [ -n "$line" ] || fail "no weekly line in crontab_file"
  said=$(inside sh -c "$line" 2>&1) || fail "backup: $said"
  grep -q '^restore: proved: .*, loaded into a server of its own, has 1 studies, 1 series, 1 images, ' <<<"$said" || fail "not proved: $said"
  [ "$(ls -A "$work/proved")" = "sandbox_proved@${gateway}_$MARIADB_PORT" ] || fail "something is left: $(ls -A "$work/proved")"
  [ -z "$(inside find /run/dcm -name 'scratch.*')" ] || fail "scratch is left"
}

# shellcheck disable=SC2034
container_alongside=scheduled
container_setup
[ $# -gt 0 ] || set -- scheduled drill proved
container_cases "$@"
