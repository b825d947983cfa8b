# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# Every kind of volume in a real engine: what is stored is found again, what a site edited stays, what cannot be used is said.
# Cases of container_test.bash.

case_no_volume() {
  start plain
  privileges 11112 11112
  store PLAIN
  finds PLAIN
  stop
  again
  finds PLAIN
  [ "$(docker diff "$name" | grep -c "$volume/deploy/")" -le 2 ] || fail "without a volume nothing but the datasource is copied"
}

# Docker copies the image's directory into an empty named volume; a new container finds configuration and images again.
case_named_volumes() {
  local config archive
  config=$(new_volume config)
  archive=$(new_volume archive)
  start named --volume "$config:$volume" --volume "$archive:$volume/archive"
  privileges 11112 11112
  store NAMED
  inside sh -c "echo 'site=1' >>$volume/conf/sandbox.properties" || fail "cannot edit"
  inside dcm-seed-volume --verify | grep -F conf/sandbox.properties >/dev/null || fail "--verify must name the edited file"
  stop
  docker rm "$name" >/dev/null
  start again --volume "$config:$volume" --volume "$archive:$volume/archive"
  finds NAMED
  inside grep -Fx 'site=1' "$volume/conf/sandbox.properties" >/dev/null || fail "the site's edit is lost"
  stop
}

# Binds from one disk have the same st_dev as each other; both are another user's.
case_bind_mounts() {
  mkdir "$work/config" "$work/archive"
  chown 1234:1234 "$work/archive" "$work/config"
  start bind --volume "$work/config:$volume" --volume "$work/archive:$volume/archive"
  privileges 1234 1234
  store BIND
  [ "$(stat -c %u "$work/archive")" = 1234 ] || fail "the archive changed its owner"
  [ -s "$work/config/.dcm/marker" ] || fail "the bind mount was not seeded"
  stop
  again
  finds BIND
  stop
}

# Directories that Docker makes itself, root's; the archive inside the configuration's own directory on the host.
case_bind_of_root() {
  start rootbind --volume "$work/root/config:$volume" --volume "$work/root/config/archive:$volume/archive"
  store ROOTBIND
  stop
  docker rm "$name" >/dev/null
  start rootbind2 --volume "$work/root/config:$volume"
  finds ROOTBIND
  stop
}

owners() { find "$archive" -printf '%P %U:%G\n' | sort; }

# Images that somebody stored before, one of them another's: the server works as who owns them, and says so once.
archive_of() { # UID:GID
  local config before archive=$work/owner${1%:*}
  local warning="uid 11112 cannot write '$volume/archive', which belongs to $1: the server runs as the owner of the images; whose they are is never changed"
  config=$(new_volume "owner${1%:*}")
  mkdir -p "$archive/2019/3/4/5"
  touch "$archive/.dcm4chee-sandbox" "$archive/2019/3/4/5/"{0A1B2C3D,4E5F6071}
  chown -R "$1" "$archive"
  chown 1044:1045 "$archive/2019/3/4/5/4E5F6071"
  before=$(owners)
  start "owner${1%:*}" --volume "$config:$volume" --volume "$archive:$volume/archive"
  store OWNER
  finds OWNER
  [ "$(inside sh -c 'for server in $(pgrep "Orthanc|sandbox|run.sh"); do stat -c %u:%g "/proc/$server"; done' | sort -u)" = "$1" ] ||
    fail "the server does not run as $1"
  [ "$(docker logs "$name" 2>&1 | grep -cF -- "$warning")" = 1 ] || fail "does not say once: $warning"
  stop
  again
  finds OWNER
  store OWNER2
  stop
  [ "$(docker logs "$name" 2>&1 | grep -cF 'whose they are is never changed')" = 1 ] || fail "the second start says it again"
  [ "$(comm -12 <(owners) - <<<"$before")" = "$before" ] || fail "owners changed: $(owners)"
  [ "$(owners | comm -23 - <(echo "$before") | grep -c " $1\$")" -ge 2 ] || fail "no new files of $1: $(owners)"
  ! owners | comm -23 - <(echo "$before") | grep -v " $1\$" || fail "new files are not $1's: $(owners)"
}
case_archive_of_nas() { archive_of 1031:100; }
case_archive_of_root() { archive_of 0:0; }

case_mixed() {
  mkdir "$work/mixed"
  local archive
  archive=$(new_volume mixed)
  start mixed --volume "$work/mixed:$volume" --volume "$archive:$volume/archive"
  store MIXED
  stop
  docker rm "$name" >/dev/null
  start mixed2 --volume "$work/mixed:$volume" --volume "$archive:$volume/archive"
  finds MIXED
  stop
}

case_read_only_root() {
  local config
  config=$(new_volume ro)
  start readonly --read-only --tmpfs /tmp --tmpfs /run --tmpfs /var/spool/cron/crontabs:mode=1730 --volume "$config:$volume"
  store READONLY
  finds READONLY
  stop
}

# What cannot be used ends the start before a byte is written, with the reason.
case_read_only_volume() {
  mkdir "$work/readonly"
  create rovolume --volume "$work/readonly:$volume:ro"
  refused 77 'dcm-seed-volume: '
  says 'read-only' || fail "the reason is not said"
}

case_full_volume() {
  create full --mount "type=tmpfs,destination=$volume,tmpfs-size=4096"
  refused 69 "dcm-seed-volume: "
}

case_foreign_volume() {
  mkdir "$work/photos"
  touch "$work/photos/holiday.jpg"
  create foreign --volume "$work/photos:$volume"
  refused 78 "is neither empty (it holds 'holiday.jpg') nor a dcm4chee-sandbox tree; nothing was touched"
  [ "$(cd "$work/photos" && find . -mindepth 1 ! -path './.dcm*')" = ./holiday.jpg ] || fail "it was touched"
}

# A volume of the original image with dcm4chee on it is not the sandbox's, marker or none.
case_site_volume() {
  mkdir -p "$work/site/deploy" "$work/site/conf" "$work/site/lib" "$work/site/data"
  cp "$DCM_SOURCE/image/sandbox/default/deploy/pacs-mysql-ds.xml" "$work/site/deploy/"
  touch "$work/site/conf/jboss-service.xml" "$work/site/lib/jboss.jar" "$work/site/deploy/dcm4chee-service.xml"
  local before
  before=$(cd "$work/site" && find . -type f -exec sha256sum {} + | sort)
  create site --volume "$work/site:$volume"
  refused 78 'dcm-seed-volume: '
  [ "$(cd "$work/site" && find . -path ./.dcm -prune -o -type f -exec sha256sum {} + | sort)" = "$before" ] || fail "a site's volume was touched"
}
