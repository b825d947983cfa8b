#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Root's maintenance scripts in a tree of which the server, uid 11112 here, has taken possession: what it plants, swaps and forges leads
# nowhere, and stops nothing.
# shellcheck disable=SC2119,SC2317
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$here/lib/mariadb.bash"
# shellcheck source=tests/lib/dicom.bash
. "$here/lib/dicom.bash"
# shellcheck source=tests/lib/stored.bash
. "$here/lib/stored.bash"
[ "$(id -u)" = 0 ] || skip 'needs root'
scripts=$DCM_SOURCE/scripts/maintenance
swapper=''
trap '[ -z "$swapper" ] || kill "$swapper"; mariadb_stop' EXIT
stored_prepare || exit 1
stored_add 1
# below directories that everybody may pass
chmod 711 "$T"
to=$T/backups
mkdir -m 700 "$to" "$T/outside"
echo "root's" >"$T/outside/secret"
chmod 600 "$T/outside/secret"
chown -R 11112:11112 "$DCM4CHEE_HOME/server"
intruder() { setpriv --reuid=11112 --regid=11112 --clear-groups "$@"; }
newest() { find "$to" -mindepth 2 -maxdepth 2 -name '0*' | sort | tail -n 1; }

begin 'a link in the place of a file that root keeps, or of its directory'
for link in verify-archive.new maintenance/verify-archive.new maintenance/archive-id.new maintenance; do
  rm -rf "$stored_volume/.dcm/maintenance"
  intruder mkdir -p "$stored_volume/.dcm/${link%/*}"
  rm -rf "${stored_volume:?}/.dcm/$link"
  target=$T/outside/secret
  [ "$link" != maintenance ] || target=$T/outside
  intruder ln -sfn "$target" "$stored_volume/.dcm/$link"
  run "$scripts/verify-archive"
  run "$scripts/backup" --to "$to"
  expect_status 0
  expect "$link: the file is as it was" test "$(cat "$T/outside/secret")" = "root's"
  expect "$link: nothing is there now that was not" test "$(ls -A "$T/outside")" = secret
  rm -rf "${stored_volume:?}/.dcm/$link"
done
rm -rf "$stored_volume/.dcm/maintenance"

begin 'a pipe in the place of what root reads'
mkfifo "$stored_volume/.dcm/run-as" "$stored_volume/.dcm/restore" "$stored_volume/conf/pipe"
mkdir -p "$stored_volume/.dcm/maintenance"
mkfifo "$stored_volume/.dcm/maintenance/verify-archive" "$stored_volume/.dcm/maintenance/archive-id"
run timeout 60 "$scripts/verify-archive"
expect_status 0
run timeout 60 "$scripts/backup" --to "$to"
expect_status 0
rm -r "$stored_volume"/.dcm/{run-as,restore,maintenance} "$stored_volume/conf/pipe"

begin 'what only root can read is in no backup, and is named where the server lacks it'
mv "$stored_volume/deploy/pacs-mysql-ds.xml" "$T/ds.xml"
intruder ln -s "$T/outside/secret" "$stored_volume/deploy/pacs-mysql-ds.xml"
echo secret-of-root >"$stored_volume/conf/root-only"
chmod 600 "$stored_volume/conf/root-only"
chown 0:0 "$stored_volume/conf/root-only"
run env MYSQL_PORT="$MARIADB_PORT" MYSQL_DATABASE=pacsdb MYSQL_USER=pacs "$scripts/backup" --to "$to"
if [ "$status" = 0 ]; then
  zstd -dcq "$(newest)/configuration.tar.zst" >"$T/tar"
  expect 'not the content of the link' test "$(grep -c "root's" "$T/tar")" = 0
  expect 'nor the file' test "$(grep -c secret-of-root "$T/tar")" = 0
  expect 'which is named' grep -q "^left_out=file './conf/root-only'" "$(newest)/CONTENTS"
fi
rm "$stored_volume/deploy/pacs-mysql-ds.xml" "$stored_volume/conf/root-only"
mv "$T/ds.xml" "$stored_volume/deploy/pacs-mysql-ds.xml"

begin 'a forged backup strikes nothing where it is restored'
run "$scripts/backup" --to "$to"
expect_status 0
forged=$T/forged
cp -a "$(newest)" "$forged"
mkdir -p "$T/tree/.dcm/replaced" "$T/tree"/{conf,lib,deploy}
cp -a "$stored_volume"/deploy/. "$T/tree/deploy"
: | tee "$T/tree/conf/a" >"$T/tree/lib/a"
cp "$stored_volume/.dcm/marker" "$T/tree/.dcm/marker"
printf '0:0 settled files\n' >"$T/tree/.dcm/run-as"
printf 'dcm-journal 1\nput replaced/p\n' | tee "$T/tree/.dcm/pending" >"$T/tree/.dcm/journal"
echo '* * * * * touch /hit' >"$T/tree/.dcm/crontab"
ln -s "$T/outside" "$T/tree/.dcm/replaced/p"
ln -s "$T/outside" "$T/tree/way"
cp /bin/true "$T/tree/conf/setuid" && chmod 4755 "$T/tree/conf/setuid"
tar -C "$T/tree" -c --numeric-owner . >"$T/tar"
# a member that goes through the link
mkdir "$T/tree2" "$T/tree2/way" && echo planted >"$T/tree2/way/secret"
tar -C "$T/tree2" -r --numeric-owner -f "$T/tar" ./way/secret
zstd -qf "$T/tar" -o "$forged/configuration.tar.zst"
{ zstd -dcq "$forged/objects.sql.zst"; printf '\\! touch %s/hit\nsystem touch %s/hit\n' "$T/outside" "$T/outside"; } | zstd -q >"$T/objects"
cp "$T/objects" "$forged/objects.sql.zst"
(cd "$forged" && sha256sum CONTENTS -- *.zst >SHA256SUMS)
mkdir -p "$T/fresh/server/default/archive"
chown -R 11112:11112 "$T/fresh"
mariadb_sql <<<"CREATE DATABASE other; GRANT ALL ON other.* TO pacs@'%'"
run env DCM4CHEE_HOME="$T/fresh" MYSQL_DATABASE=other "$scripts/restore" --no-start "$forged"
fresh=$T/fresh/server/default
expect 'outside is as it was' test "$(ls -A "$T/outside") $(cat "$T/outside/secret")" = "secret root's"
for name in run-as pending journal crontab replaced; do
  expect "no .dcm/$name" test ! -e "$fresh/.dcm/$name" -a ! -L "$fresh/.dcm/$name"
done
expect 'no program of root' test -z "$(find "$T/fresh" -user 0 -perm /6000 -type f)"
expect '.dcm belongs to root' test "$(stat -c %u:%a "$fresh/.dcm")" = 0:700

mkdir -m 755 "$T/elsewhere"
for name in a.log.1 a.log.2 a.log.3; do
  echo "root's" >"$T/elsewhere/$name"
  touch -d '100 days ago' "$T/elsewhere/$name"
done
# uid 0 without capabilities is the server of an adopted volume
for uid in 11112 0; do
  begin "a directory that becomes a link between looking and removing, 2000 times, by uid $uid"
  log=$T/home$uid/server/default/log
  mkdir -p "$log/d" "$log/spare"
  chown -R "$uid:$uid" "$T/home$uid"
  # shellcheck disable=SC2016
  setpriv --reuid="$uid" --regid="$uid" --clear-groups --bounding-set=-all --inh-caps=-all bash -c '
    cd "$1" || exit
    for ((n = 0; n < 2000; n++)); do
      for name in a.log.1 a.log.2 a.log.3; do
        [ -e "d/$name" ] || { : >"d/$name" && touch -d "100 days ago" "d/$name"; }
      done
      mv -T d spare/d && ln -s "$2" d && rm d && mv -T spare/d d
      echo "$n" >round
    done' _ "$log" "$T/elsewhere" 2>/dev/null &
  swapper=$!
  while kill -0 "$swapper" 2>/dev/null; do
    DCM4CHEE_HOME=$T/home$uid "$scripts/prune-logs" --age 14 --keep 0 >/dev/null 2>&1
  done
  wait "$swapper"
  swapper=''
  expect '2000 rounds' test "$(cat "$log/round")" = 1999
  expect "what is root's is there" test "$(cd "$T/elsewhere" && echo *)" = 'a.log.1 a.log.2 a.log.3'
done
finish
