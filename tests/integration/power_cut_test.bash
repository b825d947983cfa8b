#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What of dcm-seed-volume's work is on the disk when the power goes: ext4 in a file, whose journal is not written of its own
# accord, copied as it is on "disk" the moment the command has ended or was killed; what the copy holds then is repaired by
# the next run.
: "${DCM_BIN:?run through ctest}" "${DCM_SOURCE:?run through ctest}"
# shellcheck source=tests/cli/harness.bash
. "$DCM_SOURCE/tests/cli/harness.bash" || exit
if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
  skip 'needs root and mounts'
fi
if [ "${1:-}" != inside ]; then
  rmdir "$T"
  exec unshare -m bash "$0" inside
fi
rounds=12
mkdir "$T/mnt" "$T/disks"
mount -t tmpfs -o size=200m none "$T/disks" || skip 'no tmpfs can be mounted'
trap 'umount -l "$T/mnt" "$T/disks" 2>/dev/null' EXIT
volume=$T/mnt/volume

# nothing reaches the disk but what is asked to
mount_disk() { mount -o loop,commit=600 "$T/disks/$1" "$T/mnt"; }
same() { diff -r --exclude=.dcm "$1" "$volume" >&2; }

make_template() { # directory version
  mkdir -p "$1"/{conf,deploy/some.sar,lib} || return
  printf 'image %s' "$2" >"$1/conf/jboss-service.xml"
  for i in $(seq 60); do head -c $((i * 200)) /dev/zero | tr '\0' x >"$1/lib/$i.jar"; done
  echo invoker >"$1/deploy/some.sar/code"
}
make_template "$T/1.0" 1.0
make_template "$T/2.0" 2.0
for i in 3 5 30 31 32 33; do head -c $((i * 200)) /dev/zero | tr '\0' y >"$T/2.0/lib/$i.jar"; done
rm "$T/2.0/lib/7.jar" && mkdir "$T/2.0/deploy/new.war" && echo new >"$T/2.0/deploy/new.war/page"
for version in 1.0 2.0; do dcm-seed-volume --make-manifest "$T/$version" --image-version "$version"; done

truncate -s 24M "$T/disks/disk"
mkfs.ext4 -q -F "$T/disks/disk"
mount_disk disk 2>"$T/err" || skip "no loop device: $(cat "$T/err")"

begin 'what is not made durable is lost here (or this test would show nothing)'
cp -a "$T/1.0" "$T/mnt/lost"
cp --sparse=always "$T/disks/disk" "$T/disks/copy"
umount "$T/mnt" && mount_disk copy
expect 'lost' test ! -e "$T/mnt/lost/conf"
umount "$T/mnt"

begin 'a fill is on the disk when the command returns'
mount_disk disk && rm -rf "$T/mnt/lost"
run dcm-seed-volume --template "$T/1.0" --target "$volume"
expect_status 0
cp --sparse=always "$T/disks/disk" "$T/disks/copy"
umount "$T/mnt" && mount_disk copy
expect 'all of it' same "$T/1.0"
# That the list of moves is done with may not be on the disk yet: doing them again changes nothing.
run dcm-seed-volume --template "$T/1.0" --target "$volume"
expect_status 0
expect 'and nothing else' same "$T/1.0"
echo 'the site' >"$volume/conf/jboss-service.xml"
cp -a "$volume" "$T/before"
umount "$T/mnt" && mv "$T/disks/copy" "$T/disks/before"

begin 'so are an upgrade, and taking it back'
cp "$T/disks/before" "$T/disks/disk" && mount_disk disk
run dcm-seed-volume --template "$T/2.0" --target "$volume"
cp --sparse=always "$T/disks/disk" "$T/disks/copy"
cp -a "$volume" "$T/after"
run dcm-seed-volume --template "$T/2.0" --target "$volume" --rollback
cp --sparse=always "$T/disks/disk" "$T/disks/second"
umount "$T/mnt" && mount_disk copy
expect 'upgraded' same "$T/after"
run dcm-seed-volume --template "$T/2.0" --target "$volume"
expect_status 0
expect 'and nothing else' same "$T/after"
umount "$T/mnt" && mount_disk second
expect 'taken back' same "$T/before"
run dcm-seed-volume --template "$T/2.0" --target "$volume"
expect_status 0
expect 'and nothing else' same "$T/before"
umount "$T/mnt"

begin "the power goes at $rounds random moments of an upgrade"
for i in $(seq "$rounds"); do
  cp "$T/disks/before" "$T/disks/disk" && mount_disk disk
  dcm-seed-volume --template "$T/2.0" --target "$volume" 2>/dev/null &
  pid=$!
  sleep "0.00$((RANDOM % 90 + 10))"
  kill -KILL "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  cp --sparse=always "$T/disks/disk" "$T/disks/copy"
  umount "$T/mnt" && mount_disk copy
  run dcm-seed-volume --template "$T/2.0" --target "$volume"
  expect_status 0
  same "$T/after" || fail "round $i differs"
  run dcm-seed-volume --template "$T/2.0" --target "$volume" --rollback
  expect_status 0
  same "$T/before" || fail "round $i differs after --rollback"
  umount "$T/mnt"
done
trap - EXIT
umount -l "$T/disks"
finish
