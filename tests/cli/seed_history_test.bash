#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-seed-volume over the years of a site: the original image, this one, a newer one and back; killed in between; on the
# volumes that people have.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
rounds=15

make_template() { # directory version
  mkdir -p "$1"/{conf,deploy/some.sar,lib,log,data/xmbean-attrs} || return
  printf 'image %s' "$2" >"$1/conf/jboss-service.xml"
  for name in common-a common-b common-c; do echo "$name" >"$1/lib/$name.jar"; done
  for i in $(seq 40); do head -c $((i * 100)) /dev/zero | tr '\0' x >"$1/lib/$i.jar"; done
  echo invoker >"$1/deploy/some.sar/code"
}
same() { diff -r --exclude=.dcm "$1" "$2" >&2; }

make_template "$T/1.0" 1.0
make_template "$T/2.0" 2.0
echo 'two' >"$T/2.0/lib/common-a.jar"
echo 'two' >"$T/2.0/lib/common-b.jar"
rm "$T/2.0/lib/7.jar"
for i in 3 5; do head -c $((i * 100)) /dev/zero | tr '\0' y >"$T/2.0/lib/$i.jar"; done
mkdir "$T/2.0/deploy/new.war" && echo new >"$T/2.0/deploy/new.war/page"
cp -a "$T/1.0" "$T/original"
dcm-seed-volume --make-manifest "$T/1.0" --image-version 1.0
dcm-seed-volume --make-manifest "$T/2.0" --image-version 2.0

begin 'the original image leaves a volume that its site has worked on'
volume=$T/volume
mv "$T/original" "$volume"
echo 'the site' >"$volume/conf/jboss-service.xml"
echo 'the site' >"$volume/lib/common-b.jar"
rm "$volume/lib/common-c.jar"
mkdir "$volume/archive" && echo dicom >"$volume/archive/image"
echo setting >"$volume/data/xmbean-attrs/setting.xml"
echo own >"$volume/deploy/own.war"
keeps_what_is_its_own() {
  grep -qx 'the site' "$volume/conf/jboss-service.xml" && grep -qx 'the site' "$volume/lib/common-b.jar" &&
    [ ! -e "$volume/lib/common-c.jar" ] && grep -qx dicom "$volume/archive/image" &&
    grep -qx setting "$volume/data/xmbean-attrs/setting.xml" && grep -qx own "$volume/deploy/own.war"
}
cp -a "$volume" "$T/before"

begin 'this image adopts it as it is'
run dcm-seed-volume --template "$T/1.0" --target "$volume"
expect_status 0
expect_err_like 'adopted'
expect 'nothing changed' same "$T/before" "$volume"

begin 'a newer image brings what the site did not touch'
run dcm-seed-volume --template "$T/2.0" --target "$volume"
expect_status 0
expect_err_like "warning: kept the site's 'lib/common-b.jar'"
expect 'its own' keeps_what_is_its_own
expect 'the new' grep -qx two "$volume/lib/common-a.jar"
expect 'dropped' test ! -e "$volume/lib/7.jar"
expect 'added' grep -qx new "$volume/deploy/new.war/page"
cp -a "$volume" "$T/upgraded"
echo later >"$volume/conf/later.xml"

begin 'back to this one, which starts on what is there, and says so'
run dcm-seed-volume --template "$T/1.0" --target "$volume"
expect_status 0
expect_err_like "dcm-seed-volume: warning: '$volume' follows image version 2.0 of .*, this one is 1.0 of .*; the volume is used as it is, start the newer image for what came with it"
expect 'its own' keeps_what_is_its_own
expect 'what was made in between' grep -qx later "$volume/conf/later.xml"
rm "$volume/conf/later.xml"
expect 'nothing changed' same "$T/upgraded" "$volume"

begin 'back to the very first: what the original image would see is the tree from before, its own code with --rollback'
run dcm-seed-volume --template "$T/2.0" --target "$volume" --rollback
expect_status 0
expect 'as the original image left it' same "$T/before" "$volume"
expect 'nothing beside .dcm' test "$(ls -A "$volume" | tr '\n' ' ')" = '.dcm archive conf data deploy lib log '

begin 'and forward again'
run dcm-seed-volume --template "$T/2.0" --target "$volume" --on-upgrade merge
expect_status 0
expect 'its own' keeps_what_is_its_own
expect 'as upgraded' same "$T/upgraded" "$volume"

begin "an upgrade killed at $rounds random moments"
dcm-seed-volume --template "$T/1.0" --target "$T/filled" 2>"$T/ignored"
echo 'the site' >"$T/filled/lib/common-b.jar"
cp -a "$T/filled" "$T/expected"
dcm-seed-volume --template "$T/2.0" --target "$T/expected" 2>"$T/ignored"
for i in $(seq "$rounds"); do
  rm -rf "$T/crash" && cp -a "$T/filled" "$T/crash"
  dcm-seed-volume --template "$T/2.0" --target "$T/crash" 2>/dev/null &
  pid=$!
  sleep "0.00$((RANDOM % 90 + 10))"
  kill -KILL "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  run dcm-seed-volume --template "$T/2.0" --target "$T/crash"
  expect_status 0
  same "$T/expected" "$T/crash" || fail "round $i differs"
  run dcm-seed-volume --template "$T/2.0" --target "$T/crash" --rollback
  expect_status 0
  same "$T/filled" "$T/crash" || fail "round $i differs after --rollback"
done

begin 'what appliances keep in every share does not make a volume full'
mkdir -p "$T/share/@eaDir" "$T/share/#recycle" "$T/share/lost+found" && : >"$T/share/.DS_Store"
run dcm-seed-volume --template "$T/1.0" --target "$T/share"
expect_status 0
expect_err_like 'filled'
run dcm-seed-volume --template "$T/1.0" --target "$T/share" --verify
expect_status 0
mkdir -p "$T/other/@eaDir" "$T/other/photos"
run dcm-seed-volume --template "$T/1.0" --target "$T/other"
expect_status 78
expect_err "dcm-seed-volume: error: '$T/other' is neither empty (it holds 'photos') nor a dcm4chee tree; nothing was touched, mount an empty volume or the right one"

begin 'a new image that is damaged, in the same length, does not reach a volume that works'
cp -a "$T/2.0" "$T/damaged" && echo owt >"$T/damaged/lib/common-a.jar"
cp -a "$T/filled" "$T/site"
run dcm-seed-volume --template "$T/damaged" --target "$T/site"
expect_status 0
expect_err_like "warning: the upgrade of '$T/site' to image version 2.0 is skipped, the volume is used as it is: '$T/damaged/lib/common-a.jar' is not what its manifest says"
expect 'as before' same "$T/filled" "$T/site"

cp -a "$T/filled" "$T/fixed"
if chattr +i "$T/fixed/conf" 2>/dev/null; then
  begin 'what chattr forbids is named with its remedy, and so is the change that is skipped'
  run dcm-seed-volume --template "$T/2.0" --target "$T/fixed"
  expect_status 0
  expect_err "dcm-seed-volume: warning: the upgrade of '$T/fixed' to image version 2.0 is skipped, the volume is used as it is: cannot write to '$T/fixed/conf': operation not permitted; an attribute of '$T/fixed/conf' forbids it: chattr -ia"
  chattr -i "$T/fixed/conf"
  file=$(cd "$T/2.0" && find conf lib -type f | while read -r name; do [ -e "$T/fixed/$name" ] && ! cmp -s "$name" "$T/fixed/$name" && echo "$name"; done | head -n 1)
  chattr +i "$T/fixed/$file"
  run dcm-seed-volume --template "$T/2.0" --target "$T/fixed"
  expect_status 0
  expect_err_like "warning: cannot replace '$T/fixed/$file': operation not permitted; an attribute of '$T/fixed/$file' forbids it: chattr -ia, proceeding"
  chattr -i "$T/fixed/$file"
  cp -a "$T/1.0" "$T/found" && rm -r "$T/found/.dcm" && chattr +i "$T/found"
  run dcm-seed-volume --template "$T/1.0" --target "$T/found"
  expect_status 0
  expect_err "dcm-seed-volume: warning: the adoption of '$T/found' by image version 1.0 is skipped, the volume is used as it is: cannot create '$T/found/.dcm': operation not permitted; an attribute of '$T/found' forbids it: chattr -ia"
  chattr -i "$T/found"
fi

if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
  begin 'a file system without owners: said once, and filled all the same'
  mkdir "$T/no_owners" && chown 1234 "$T/no_owners"
  run setpriv --bounding-set -chown --inh-caps -chown dcm-seed-volume --template "$T/1.0" --target "$T/no_owners"
  expect_status 0
  expect 'once' test "$(grep -c 'cannot give files in .* to uid 1234: operation not permitted, proceeding' "$T/err")" = 1
  expect 'filled' test -e "$T/no_owners/lib/40.jar"

  echo theirs >"$T/theirs"
  begin 'a mounted file, and the archive mounted inside, live through an upgrade'
  # shellcheck disable=SC2016
  run unshare -m bash -c '
    mkdir -p "$1/filled/archive" "$1/store" && echo dicom >"$1/store/image" && mount --bind "$1/store" "$1/filled/archive" &&
      mount --bind "$1/theirs" "$1/filled/lib/common-a.jar" && dcm-seed-volume --template "$1/2.0" --target "$1/filled" &&
      cat "$1/filled/lib/common-a.jar" "$1/filled/archive/image" "$1/filled/deploy/new.war/page"' - "$T"
  expect_status 0
  expect_out $'theirs\ndicom\nnew'
fi
finish
