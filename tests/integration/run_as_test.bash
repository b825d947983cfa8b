#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Which user the server runs as: real users, real mounts, as root and not.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/../cli/harness.bash"
[ "$(id -u)" = 0 ] || skip 'needs root'
if [ "${1-}" != in-namespace ]; then
  rm -rf "$T"
  unshare --mount true 2>/dev/null || skip 'needs mount namespaces'
  exec unshare --mount --propagation private bash "$0" in-namespace
fi
chmod 755 "$T"
home=$T/home server=$T/home/server/default
export DCM_RUN_DIR=$T/run DCM_SERVER_ENV=DCM_RUN_DIR

# A server that says who it is and what it may do, and ends.
# shellcheck disable=SC2016
program='#!/bin/sh
{ id -u; id -g; id -G; sed -n "s/^Cap\(Inh\|Prm\|Eff\|Bnd\|Amb\):\t/\1 /p; s/^NoNewPrivs:\t/nnp /p" /proc/self/status; } >"$DCM_RUN_DIR/seen"
exit 3'

# setup ORIGIN OWNER-OF-CONFIGURATION OWNER-OF-ARCHIVE
setup() {
  rm -rf "$home" "$T/run"
  mkdir -p "$home/bin" "$server/conf" "$server/deploy" "$server/log" "$server/tmp" "$server/work" "$server/data/xmbean-attrs" "$server/archive" "$T/run"
  chmod 1777 "$T/run"
  printf '%s\n' "$program" >"$home/bin/run.sh"
  chmod 755 "$home/bin/run.sh"
  echo '<datasources/>' >"$server/deploy/pacs-mysql-ds.xml"
  chown -R "$2" "$server"
  chmod 640 "$server/deploy/pacs-mysql-ds.xml"
  chown -R "$3" "$server/archive"
  if [ "$1" != none ]; then
    mkdir "$server/.dcm"
    printf 'dcm-volume 1\nproduct dcm4chee\nversion 1\nmanifest x\norigin %s\nheld -\n' "$1" >"$server/.dcm/marker"
  fi
}
stored() { # the directories of now, owned by $1
  local today
  today=$(date +%Y/%-m/%-d/%-H)
  mkdir -p "$server/archive/$today/AAAA"
  echo image >"$server/archive/$today/AAAA/file"
  chown -R "$1" "$server/archive"
}
start() {
  rm -f "$T/run/seen"
  run dcm-start --home "$home" --run-dir "$T/run"
}
expect_user() { # UID GID
  expect_status 3
  expect "runs as $1:$2" test "$(sed -n '1,2p' "$T/run/seen" 2>/dev/null | paste -sd:)" = "$1:$2"
  expect 'no further groups' test "$(sed -n 3p "$T/run/seen")" = "$2"
  expect 'no capabilities' test "$(grep -cE '^(Inh|Prm|Eff|Bnd|Amb) 0+$' "$T/run/seen")" = 5
  expect 'no new privileges' grep -qx 'nnp 1' "$T/run/seen"
}
owners() { find "$server/archive" -printf '%P %U:%G %m\n' | sort; }
begin 'filled by the toolkit: the user that the configuration belongs to'
setup filled 11112:11112 11112:11112
start
expect_user 11112 11112
setup copied 1234:1235 1234:1235
start
expect_user 1234 1235
expect 'nothing left in the archive' test -z "$(ls -A "$server/archive")"

begin 'adopted: root without capabilities, with a line that says how to change it'
setup adopted 0:0 0:0
stored 0:0
start
expect_user 0 0
expect_err_like "dcm-start: the volume is of the original image: the server runs as root, without capabilities; DCM_RUN_AS=UID:GID names another user"
setup none 0:0 0:0
start
expect_user 0 0

begin 'DCM_RUN_AS overrides; what the server writes is given to that user, configuration is not'
setup adopted 0:0 0:0
export DCM_RUN_AS=2001:2002
start
expect_user 2001 2002
expect_err_like "gave the empty '$server/archive' to 2001:2002"
expect_err_like "gave what the server writes in '$server' to 2001:2002"
expect 'state' test "$(stat -c %u:%g "$server/data/xmbean-attrs" "$server/log" "$server/deploy/pacs-mysql-ds.xml" "$server/archive" | sort -u)" = 2001:2002
expect 'configuration' test "$(stat -c %u:%g "$server/conf")" = 0:0
expect 'mode' test "$(stat -c %a "$server/deploy/pacs-mysql-ds.xml")" = 640
start
expect_user 2001 2002
expect 'said once' test "$(grep -c gave "$T/err")" = 0
stored 1000:1000
before=$(owners)
start
expect_status 78
expect_err_like "error: DCM_RUN_AS: uid 2001 cannot write '$server/archive', which belongs to 1000:1000; name a user who can, its owner for one"
expect 'owners of images' test "$(owners)" = "$before"
setup adopted 0:0 0:0
run env DCM_RUN_AS=me dcm-start --home "$home" --run-dir "$T/run"
expect_user 0 0
expect_err_like "warning: DCM_RUN_AS: 'me' is no UID or UID:GID in digits that a server may run as, ignoring"
unset DCM_RUN_AS

begin 'the owner of the images wins, root included: one warning, remembered, no owner changed'
for owner in 1000:1001 0:0; do
  setup filled 11112:11112 11112:11112
  stored "$owner"
  before=$(owners)
  start
  expect_user "${owner%:*}" "${owner#*:}"
  expect_err_like "warning: uid 11112 cannot write '$server/archive', which belongs to $owner: the server runs as the owner of the images; whose they are is never changed"
  expect 'owners of images' test "$(owners)" = "$before"
  expect 'remembered' grep -qx "$owner settled" "$server/.dcm/run-as"
  start
  expect_user "${owner%:*}" "${owner#*:}"
  expect 'warned once' test "$(grep -c 'the owner of the images' "$T/err")" = 0
done

begin 'it is the directory of the hour that counts, not only the top'
setup filled 11112:11112 11112:11112
stored 1000:1000
chown 11112:11112 "$server/archive"
start
expect_user 1000 1000
expect_err_like "error: uid 11112 cannot write '$server/archive/$(date +%Y)', which belongs to 1000:1000: the server runs as 1000:1000, who can store images in the newest directory, but not everywhere; name a user who can write all of it as DCM_RUN_AS=UID:GID"
expect 'without a record nothing is settled' test ! -e "$server/.dcm/run-as"
chown -R 0:0 "$server/archive"/2*
start
expect_user 11112 11112
expect_err_like "error: uid 11112 cannot write '$server/archive/$(date +%Y)', which belongs to 0:0: images cannot be stored there; name"
chown -R 1000:1000 "$server/archive"/2*
echo '11112:11112 seeded' >"$server/.dcm/run-as"
start
expect_status 3
expect_err_like "warning: uid 11112 cannot write '$server/archive/$(date +%Y)', which belongs to 1000:1000: the images have several owners, the server runs as root with access to everybody's files; whose they are is never changed"
expect 'root' test "$(sed -n 1,2p "$T/run/seen" | paste -sd:)" = 0:0
expect 'CAP_DAC_OVERRIDE alone' test "$(grep -cE '^(Prm|Eff|Bnd) 0+2$' "$T/run/seen")" = 3
expect 'nothing by exec' test "$(grep -cE '^(Inh|Amb) 0+$' "$T/run/seen")" = 2
expect 'no new privileges' grep -qx 'nnp 1' "$T/run/seen"
chmod 777 "$server/archive"
start
expect 'it is decided once' test "$(sed -n 1,2p "$T/run/seen" | paste -sd:)" = 0:0
setup filled 11112:11112 11112:11112
stored 1000:1000
chown 11112:11112 "$server/archive" && chmod 777 "$server/archive"
start
expect_user 1000 1000

begin 'an empty archive directory is given to the user, and made when it is not there'
setup filled 11112:11112 0:0
start
expect_user 11112 11112
expect 'given' test "$(stat -c %u:%g "$server/archive")" = 11112:11112
rmdir "$server/archive"
start
expect_user 11112 11112
expect 'made' test "$(stat -c %u:%g "$server/archive")" = 11112:11112

begin 'a read-only archive: a warning, and on'
setup filled 11112:11112 11112:11112
mkdir "$T/images"
mount --bind "$T/images" "$server/archive"
mount -o remount,ro,bind "$server/archive"
start
expect_user 11112 11112
expect_err_like "warning: '$server/archive' is read-only, proceeding: images can be read, none can be stored"
umount "$server/archive"

begin 'a bind mount of images that belong to somebody'
setup filled 11112:11112 11112:11112
echo image >"$T/images/file"
chown -R 1026:100 "$T/images"
mount --bind "$T/images" "$server/archive"
start
expect_user 1026 100
umount "$server/archive"

begin 'state on a read-only file system: said before the start'
setup filled 11112:11112 11112:11112
mount --bind "$server/log" "$server/log"
mount -o remount,ro,bind "$server/log"
start
expect_status 77
expect_err_like "error: uid 11112 cannot use '$server/log': read-only file system; mount it writable"
umount "$server/log"

begin "links that the server laid reach nothing that it could not reach itself"
mkdir -p "$T/of-root/empty" && printf 'secret of root\n' >"$T/of-root/secret" && chmod 600 "$T/of-root/secret"
intact() { [ "$(find "$T/of-root" -printf '%P %u %m ' | tr -d '\n')$(cat "$T/of-root/secret")" = "$of_root" ]; }
of_root=$(find "$T/of-root" -printf '%P %u %m ' | tr -d '\n')$(cat "$T/of-root/secret")
setup filled 11112:11112 11112:11112
ln -s "$T/of-root/secret" "$server/log/server.log" && chown -h 11112:11112 "$server/log/server.log"
start
expect_user 11112 11112
expect 'server.log is a link: nothing is renamed' intact
expect 'nor shown' test "$(grep -c 'secret of root' "$T/err")" = 0
setup filled 11112:11112 11112:11112
cp "$T/of-root/secret" "$T/of-root/server.log"
of_root=$(find "$T/of-root" -printf '%P %u %m ' | tr -d '\n')$(cat "$T/of-root/secret")
rmdir "$server/log" && ln -s "$T/of-root" "$server/log" && chown -h 11112:11112 "$server/log"
start
expect 'log is a link' intact
expect 'nor shown either' test "$(grep -c 'secret of root' "$T/err")" = 0
setup filled 11112:11112 11112:11112
rmdir "$server/archive" && ln -s "$T/of-root/empty" "$server/archive" && chown -h 11112:11112 "$server/archive"
ln -s "$T/of-root/secret" "$server/.dcm/run-as" && chown -h 11112:11112 "$server/.dcm/run-as"
start
expect 'archive is a link of its own: it is not given away, nothing is written' intact

begin "links of the site are as good as what they lead to"
mkdir "$T/elsewhere" && printf 'the reason\n' >"$T/elsewhere/server.log" && chown -R 11112:11112 "$T/elsewhere"
setup filled 11112:11112 11112:11112
rmdir "$server/log" && ln -s "$T/elsewhere" "$server/log"
mkdir "$T/share" && rmdir "$server/archive" && ln -s "$T/share" "$server/archive"
start
expect_user 11112 11112
expect 'kept' grep -qx 'the reason' "$T"/elsewhere/server.log.20*
expect_err_like "gave the empty '$server/archive' to 11112:11112"

begin 'all of the container is somebody else'
setup filled 3000:3000 3000:3000
nobody_start=(setpriv --reuid 3000 --regid 3000 --clear-groups "$DCM_BIN/dcm-start" --home "$home" --run-dir "$T/run")
chown 3000:3000 "$T/run"
run "${nobody_start[@]}"
expect_status 3
expect_err_like 'warning: not running as root, so cron cannot work; going on without scheduled jobs'
expect 'itself' test "$(sed -n '1,2p' "$T/run/seen" | paste -sd:)" = 3000:3000
expect 'no new privileges' grep -qx 'nnp 1' "$T/run/seen"
run env DCM_RUN_AS=3001 "${nobody_start[@]}"
expect_status 78
expect_err_like 'error: DCM_RUN_AS is 3001:3001, but all of the container runs as uid 3000; leave one of them out'
stored 1000:1000
run "${nobody_start[@]}"
expect_status 77
expect_err_like "error: uid 3000 cannot write '$server/archive', which belongs to 1000:1000; start the container as user 1000:1000, or as root"
setup filled 3000:3000 3000:3000
chown 0:0 "$server/log"
run "${nobody_start[@]}"
expect_status 77
expect_err_like "error: uid 3000 cannot use '$server/log'; give it to that user: chown -R 3000:3000 $server/log"

begin 'root that may become nobody'
setup filled 11112:11112 11112:11112
run setpriv --bounding-set -setuid,-setgid --inh-caps -setuid,-setgid "$DCM_BIN/dcm-start" --home "$home" --run-dir "$T/run"
expect_status 77
expect_err_like 'error: cannot run anything as 11112:11112; give the container CAP_SETUID and CAP_SETGID, or start it as user 11112:11112'
finish
