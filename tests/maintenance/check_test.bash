#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check and disk-usage over the archive's own schema and a volume made by dcm-seed-volume.
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
scripts=$DCM_SOURCE/scripts/maintenance
trap mariadb_stop EXIT
stored_prepare || exit 1
for n in 1 2 3; do
  stored_add "$n" "$(date -d "$((n * 20)) days ago" +%Y/%m/%d)"
done
printf '# none\n' >"$T/crontab_file"
export _DCM_CRONTAB_FILE=$T/crontab_file

begin 'disk-usage: months, free, how long it lasts'
run "$scripts/disk-usage" --help
expect_status 0
stored_sql <<<"UPDATE files SET file_size = 900000000"
run "$scripts/disk-usage"
expect_out_like "^[0-9]{4}-[0-9]{2}  +1 files  +859M"$'\n'
expect_out_like "disk-usage: '$stored_volume/archive' has 3 files, 2.6G"$'\n'"disk-usage: the disk of '$stored_volume/archive' has [0-9.]+[GT] of [0-9.]+[GT] free: [0-9]+ days at [0-9]+M a day"
run "$scripts/disk-usage" --days 9999999
expect_status 75
expect_err_like "'$stored_volume/archive' is nearly full"
run "$scripts/disk-usage" --days 0 --percent 0
expect_status 75
run "$scripts/disk-usage" --days 0 --percent 100
expect_status 0
stored_sql <<<"INSERT INTO filesystem (pk, dirpath, fs_group_id, retrieve_aet, availability, fs_status) VALUES (2, '/none', 'N', 'DCM4CHEE', 0, 0)"
run "$scripts/disk-usage" --days 0
expect_err_like "warning: no directory '/none', where 0 files are; is it mounted\?"
stored_sql <<<"DELETE FROM filesystem WHERE pk = 2"

begin 'an archive in which nothing is stored yet'
stored_sql <<<"CREATE TABLE was AS SELECT * FROM files; DELETE FROM files; UPDATE filesystem SET fs_status = 9"
run "$scripts/disk-usage"
expect_status 0
expect_out_like "disk-usage: the disk of '$stored_volume/archive' has [0-9.]+[GT] of [0-9.]+[GT] free: no end in sight"
stored_sql <<<"INSERT INTO files SELECT * FROM was; DROP TABLE was; UPDATE filesystem SET fs_status = 0"

begin 'only what is still written is judged; two on one disk fill it together; tape is no directory'
small=$T/nas1 large=$T/nas2
mkdir "$small" "$large"
if mount -t tmpfs -o size=60m small "$small" 2>/dev/null && mount -t tmpfs -o size=4g large "$large" 2>/dev/null; then
  head -c 55M /dev/zero >"$small/full"
  mkdir "$large/main" "$large/lossy"
  mariadb_sql <<<"CREATE DATABASE two; GRANT ALL ON two.* TO pacs@'%'"
  mariadb_sql two <"$DCM_SOURCE/create-mysql.sql"
  mariadb_sql two <<E_SQL
INSERT INTO filesystem (pk, dirpath, fs_group_id, retrieve_aet, availability, fs_status) VALUES
 (101, '$small', 'ONLINE_STORAGE', 'DCM4CHEE', 0, 2), (102, '$large', 'ONLINE_STORAGE', 'DCM4CHEE', 0, 0),
 (103, 'tar:/mnt/tape', 'TAPE', 'DCM4CHEE', 0, 0);
SET foreign_key_checks = 0;
INSERT INTO files (pk, instance_fk, filesystem_fk, filepath, file_tsuid, file_md5, file_size, file_status, created_time) VALUES
 (101, 101, 101, 'A', '1.2', 'd41d8cd98f00b204e9800998ecf8427e', 8000000, 0, NOW() - INTERVAL 300 DAY),
 (102, 102, 102, 'B', '1.2', 'd41d8cd98f00b204e9800998ecf8427e', 2000, 0, NOW() - INTERVAL 1 DAY);
E_SQL
  run env MYSQL_DATABASE=two "$scripts/disk-usage"
  expect_status 0
  expect_err ''
  expect_out_like "disk-usage: '$small' has 1 files, 7.7M, only read from"
  expect_out_like "disk-usage: the disk of '$large' has 4.0G of 4.0G free: more than ten years"
  mariadb_sql two <<E_SQL
UPDATE filesystem SET fs_status = 0, dirpath = '$large/main' WHERE pk = 101;
UPDATE filesystem SET fs_group_id = 'LOSSY_STORAGE', dirpath = '$large/lossy' WHERE pk = 102;
UPDATE files SET created_time = NOW() - INTERVAL 1 DAY, file_size = 8000000 WHERE pk IN (101, 102);
E_SQL
  run env MYSQL_DATABASE=two "$scripts/disk-usage"
  expect_status 0
  expect_out_like "disk-usage: the disk of '$large/(main|lossy)' has 4.0G of 4.0G free: 26[0-9] days at 16M a day"
  mariadb_sql two <<<"UPDATE filesystem SET dirpath = '$small' WHERE pk = 101"
  run env MYSQL_DATABASE=two "$scripts/disk-usage" --percent 100 --days 0
  expect_status 75
  expect_err_like "'$small' is full: the archive refuses every image while less than 50M are free"
  umount "$small" "$large"
  mariadb_sql <<<'DROP DATABASE two'
fi

begin 'check: a finding for each subject, and the shipped passwords'
run "$scripts/check" --help
expect_status 0
run "$scripts/check" --nope
expect_status 64
run "$scripts/check"
expect_status 69
for subject in datasource database passwords volume crontab archive jobs ports disks backups; do
  grep -qE "^(ok|warning|error|unknown) +$subject +[^ ]" "$T/out" || fail "nothing about $subject"
done
expect_out_like 'warning +passwords +everybody knows the password of admin, user; change it'
expect_out_like 'warning +backups +there is none'
expect_out_like $'\n''check: errors: [0-9]+, warnings: [0-9]+'$'$'
stored_sql <<<"UPDATE users SET passwd = TO_BASE64(UNHEX(SHA1('something else')))"
mkdir "$T/backups"
run "$scripts/backup" --to "$T/backups"
expect_status 0
printf '{"jobs":[{"command":"a","failures":2,"name":"backup","status":70},{"name":"good","status":0}]}' >"$T/jobs.json"
run "$scripts/check" --backups "$T/backups"
expect_out_like 'ok +passwords +no user'
expect_out_like 'ok +backups +the last one is 000001-2'

begin 'as JSON'
run "$scripts/check" --json
expect_status 69
expect 'JSON' jq -e '.errors > 0 and (.findings | length >= 10) and all(.findings[]; .state and .subject and .text)' "$T/out"

begin 'a crontab with mistakes: each line is named, whatever the format of the log'
printf '* * * 13 * true\n* * * * 9 true\n' >"$T/bad"
run env _DCM_CRONTAB_FILE="$T/bad" "$scripts/check"
expect_status 69
expect_out_like "error +crontab +'$T/bad' line 1: bad month"
expect_out_like "error +crontab +'$T/bad' line 2: bad day-of-week"
run env _DCM_CRONTAB_FILE="$T/bad" DCM_LOG_FORMAT=json "$scripts/check"
expect_out_like "error +crontab +'$T/bad' line 1: bad month"

begin 'a check of the crontab that did not run is no good one'
mkdir "$T/bin"
printf '#!/bin/sh\nexit 70\n' >"$T/bin/dcm-cron-load"
chmod +x "$T/bin/dcm-cron-load"
run env PATH="$T/bin:$PATH" "$scripts/check"
expect_status 69
expect_out_like 'error +crontab +dcm-cron-load --check says nothing \(status 70'
expect 'not good as well' test "$(grep -cE '^ok +crontab' "$T/out")" = 0
printf '#!/bin/sh\necho unlike >&2\nexit 127\n' >"$T/bin/dcm-cron-load"
run env PATH="$T/bin:$PATH" "$scripts/check"
expect_out_like 'error +crontab +unlike \(status 127'

begin 'no crontab at all is a warning that says how to have one'
run env _DCM_CRONTAB_FILE="$T/none" "$scripts/check"
expect_out_like "warning +crontab +there is no '$T/none', so no job runs, .*; mount one \("

begin 'the sandbox server: its own tables are no fault'
cp -r "$stored_volume" "$T/site"
cp "$DCM_SOURCE/image/sandbox/default/deploy/pacs-mysql-ds.xml" "$stored_volume/deploy/"
sed -i 's/^product .*/product dcm4chee-sandbox/' "$stored_volume/.dcm/marker"
mariadb_create orthanc pacs "$MYSQL_PASSWORD"
run env MYSQL_DATABASE=orthanc dcm-configure-db
expect_status 0
run env MYSQL_DATABASE=orthanc "$scripts/check"
expect_out_like 'ok +database +the login works; the tables are those of the sandbox server'
expect_out_like 'ok +disks +[0-9.]+[KMGT] free on .*; the sandbox.s tables have no dates, so its growth is not told'
rm -rf "$stored_volume"
mv "$T/site" "$stored_volume"

begin 'without a database it still reports, and only that'
mariadb_stop
run "$scripts/check"
expect_status 69
expect_err ''
expect_out_like 'error +database '
expect_out_like 'unknown +disks'
finish
