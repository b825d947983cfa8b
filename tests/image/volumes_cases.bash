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
