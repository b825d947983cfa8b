#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The drill: an archive at work is backed up while images arrive, the machine is lost, everything is restored into nothing beside
# the archive's files, and every image that was in the backup is found again, by a newer image as well.
# shellcheck disable=SC2119,SC2317
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$here/lib/mariadb.bash"
# shellcheck source=tests/lib/dicom.bash
. "$here/lib/dicom.bash"
# shellcheck source=tests/lib/chain.bash
. "$here/lib/chain.bash"
chain_needs
trap chain_cleanup EXIT
scripts=$DCM_SOURCE/scripts/maintenance
chain_prepare || exit 1
mkdir "$T/backups"

# a maintenance script as it runs in the container, on the sandbox's database
maintain() {
  env DCM4CHEE_HOME="$chain_home" _DCM_CRONTAB_FILE="$chain_crontab" MYSQL_HOST=127.0.0.1 MYSQL_PORT="$MARIADB_PORT" \
    MYSQL_DATABASE=sandbox MYSQL_USER=sandbox MYSQL_PASSWORD='pass&<>"word' DCM_DICOM_PORT="$chain_dicom_port" \
    DCM_HTTP_PORT="$chain_http_port" DCM_HEALTH_PORT="$chain_dicom_port" LANG=C.UTF-8 "$@"
}
studies() { dicom_find "$chain_dicom_port" '*'; }
store_for_ever() {
  # UIDs of odd length, which are padded on the wire
  local n=1000
  until [ -e "$T/enough" ]; do
    n=$((n + 1))
    dicom_make "$T/more.dcm" "MORE^N$n" "2.25.$n" && dicom_store "$chain_dicom_port" "$T/more.dcm"
  done
}

# The volume as the engine makes it, an empty database, and the DICOM files.
new_machine() { # SANDBOX [IMAGE-VERSION]
  rm -rf "$chain_home"
  expect 'a new tree' "$1/assemble" "$chain_home"
  [ $# -eq 1 ] || expect 'its version' dcm-seed-volume --make-manifest "$chain_home/server/default.dist" --product dcm4chee-sandbox --image-version "$2"
  expect 'its copy' env SOURCE_DATE_EPOCH="$(date +%s)" "$DCM_SOURCE/image/prepare-tree" "$chain_home"
  mariadb_sql <<<'DROP DATABASE sandbox'
  mariadb_create sandbox sandbox 'pass&<>"word'
  rm -rf "$chain_volume/archive"
  cp -a "$T/files" "$chain_volume/archive"
}

begin 'a backup while images arrive'
chain_start
wait_for 60 chain_ready
echo 'site=1' >>"$chain_volume/conf/sandbox.properties"
for n in 1 2 3; do
  dicom_make "$T/$n.dcm" "DOE^N$n" "2.25.$n"
  dicom_store "$chain_dicom_port" "$T/$n.dcm" || fail "store $n"
done
store_for_ever &
writer=$!
more_than() { [ "$(studies | wc -l)" -gt "$1" ]; }
wait_for 30 more_than 8
studies >"$T/before"
started=$(date +%s%N)
run maintain "$scripts/backup" --to "$T/backups"
expect_status 0
printf 'backed up in %d ms\n' $((($(date +%s%N) - started) / 1000000))
expect_out_like "^backup: database 'sandbox' .* verified"
wait_for 30 more_than "$(wc -l <"$T/before")"
touch "$T/enough"
wait "$writer"
studies >"$T/after"
printf 'edited by the site\n' >"$chain_volume/conf/edited-after-the-backup"
chain_stop
expect_status 0
backup=$(echo "$T"/backups/*/0*)

begin 'the machine is lost: a new one, with an empty database, the volume as the engine makes it, and the DICOM files'
mv "$chain_volume/archive" "$T/files"
new_machine "$DCM_SOURCE/image/sandbox"
started=$(date +%s%N)
run maintain "$DCM_SOURCE/scripts/lib/contained" "$scripts/restore" "$backup"
expect_status 0
printf 'restored and proved in %d ms\n' $((($(date +%s%N) - started) / 1000000))
expect_out_like "^restore: restored '$backup' \(.*, database 'sandbox', [0-9]+ tables\) into '$chain_volume' and 'sandbox' on 127.0.0.1:$MARIADB_PORT"
expect_out_like $'\n''verify-archive: [0-9]+ files read, 0 lost, 0 damaged'$'\n''prove-archive: came up in [0-9]+ s, found study 2\.25\.[0-9]+'$
expect_err_like "restore: warning: [1-9][0-9]* files in '$chain_volume/archive' are newer than this backup"

begin 'every image of the backup is there; those that came after it are told as orphaned'
chain_start
wait_for 60 chain_ready
studies >"$T/restored"
expect 'all that was there before it' test -z "$(comm -23 <(sort "$T/before") <(sort "$T/restored"))"
expect 'nothing invented' test -z "$(comm -13 <(sort "$T/after") <(sort "$T/restored"))"
find "$chain_volume/archive" -type f -exec touch -d '2 hours ago' {} +
run maintain "$scripts/verify-archive" --files 0
expect_status 0
expect_out_like ' 0 lost, 0 damaged; [0-9]+ looked at, '
lacking=$(comm -23 <(sort "$T/after") <(sort "$T/restored") | wc -l)
expect "orphaned: at least one file for each of $lacking studies" test "$(grep -c '^orphaned' "$T/out")" -ge "$lacking"
dicom_make "$T/new.dcm" 'NEW^IMAGE' 2.25.99
run dicom_store "$chain_dicom_port" "$T/new.dcm"
expect_status 0
run maintain "$scripts/restore" "$backup"
expect_status 75
expect_err_like 'stop the archive first$'
chain_stop

begin 'onto a newer image: the start after it upgrades the volume, what the site edited stays, every image is found'
cp -a "$DCM_SOURCE/image/sandbox" "$T/newer"
echo 'of the newer image' | tee -a "$T/newer/default/lib/sandbox.txt" >>"$T/newer/default/conf/sandbox.properties"
new_machine "$T/newer" 1000.1
run maintain "$DCM_SOURCE/scripts/lib/contained" "$scripts/restore" --no-start "$backup"
expect_status 0
expect 'the volume is that of the backup' cmp "$chain_volume/lib/sandbox.txt" "$DCM_SOURCE/image/sandbox/default/lib/sandbox.txt"
cp "$chain_volume/conf/sandbox.properties" "$T/edited"
chain_start
wait_for 60 chain_ready
expect 'the upgrade is said' chain_says "upgraded '$chain_volume' to image version 1000\.1 of .*: 0 added, 1 replaced, 0 removed"
expect 'and what it kept' chain_says "kept the site's 'conf/sandbox.properties'"
expect 'code follows the image' cmp "$chain_volume/lib/sandbox.txt" "$T/newer/default/lib/sandbox.txt"
expect "the site's edit is in the backup" grep -qx 'site=1' "$T/edited"
expect "the site's edit stays" cmp "$chain_volume/conf/sandbox.properties" "$T/edited"
expect "the image's is offered" cmp "$chain_volume/.dcm/new/conf/sandbox.properties" "$T/newer/default/conf/sandbox.properties"
expect 'all images of the backup' test -z "$(comm -23 <(sort "$T/before") <(studies | sort))"
chain_stop
expect_status 0

begin 'an archive of another AE title is not waited for'
run maintain DCM_HEALTH_AET=OTHER "$DCM_SOURCE/scripts/lib/contained" "$scripts/prove-archive"
expect_status 69
expect_err_like "prove-archive: error: the archive came up but has no AE title 'OTHER'; set DCM_HEALTH_AET to its own"

begin 'without the DICOM files it says so'
mv "$chain_volume/archive" "$T/gone"
mkdir "$chain_volume/archive"
touch "$chain_volume/archive/.dcm4chee-sandbox"
run maintain "$DCM_SOURCE/scripts/lib/contained" "$scripts/prove-archive"
expect_status 75
expect_err_like 'not mounted'
finish
