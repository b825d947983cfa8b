#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What says "verified" comes back: objects of a site's administrator, rows that a server may write, archives that share a directory of
# backups, a restore that is interrupted or asked for again later, and the proof by loading.
# shellcheck disable=SC2016,SC2119,SC2317
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$here/lib/mariadb.bash"
# shellcheck source=tests/lib/dicom.bash
. "$here/lib/dicom.bash"
# shellcheck source=tests/lib/stored.bash
. "$here/lib/stored.bash"
backup=$DCM_SOURCE/scripts/maintenance/backup restore=$DCM_SOURCE/scripts/maintenance/restore
trap mariadb_stop EXIT
stored_prepare || exit 1
to=$T/backups
mkdir "$to"
# the client, which knows DELIMITER
as_root() { mariadb --no-defaults --host=localhost --socket="$MARIADB_SOCKET" --user=root --batch --skip-column-names "${1:-pacsdb}"; }
newest() { find "$to/$1@127.0.0.1_$MARIADB_PORT" -mindepth 1 -maxdepth 1 -name '0*' | sort | tail -n 1; }
fresh() { # an empty volume and database `other`, for the archive's own login
  rm -rf "$T/fresh"
  mkdir -p "$T/fresh/server/default/archive"
  mariadb_sql <<<"DROP DATABASE IF EXISTS other; CREATE DATABASE other; GRANT ALL ON other.* TO pacs@'%'"
}
elsewhere() { env DCM4CHEE_HOME="$T/fresh" MYSQL_DATABASE=other "$@"; }
stored_add 1
stored_add 2

begin 'a view, an event and a trigger of root, and routines'
as_root <<'E_SQL'
CREATE DEFINER=`root`@`localhost` VIEW worklist_of_ris AS
  SELECT p.pat_id, p.pat_name, s.study_iuid, s.accession_no FROM patient p JOIN study s ON s.patient_fk = p.pk;
CREATE DEFINER=`root`@`localhost` EVENT old_worklist ON SCHEDULE EVERY 1 DAY DO DELETE FROM mwl_item WHERE start_datetime < NOW() - INTERVAL 60 DAY;
CREATE DEFINER=`pacs`@`%` FUNCTION of_the_site() RETURNS INT DETERMINISTIC RETURN 7;
CREATE DEFINER=`root`@`localhost` PROCEDURE of_root() SELECT 1;
ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_spanish_ci;
CREATE VIEW elsewhere AS SELECT Host FROM mysql.user;
UPDATE patient SET pat_name = '/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */' WHERE pk = 2;
DELIMITER //
CREATE DEFINER=`we``ird`@`%` TRIGGER study_seen BEFORE UPDATE ON study FOR EACH ROW
BEGIN
  SET NEW.updated_time = NOW();
END//
E_SQL
run "$backup" --to "$to"
expect_status 0
# The owner of a database may read everybody's routines there since MariaDB 11.3.
routines="routines=1 events=1 left_out=routine 'of_root'"
if [ "$(as_root <<<"SELECT COUNT(*) FROM information_schema.user_privileges WHERE privilege_type = 'SHOW CREATE ROUTINE'")" != 0 ]; then
  routines='routines=2 events=1'
else
  expect_err_like "^backup: warning: not in this backup: routine 'of_root'"
fi
saved=$(newest pacsdb)
expect 'as text' test "$(grep -E '^(views|triggers|routines|events|left_out)=' "$saved/CONTENTS" | paste -sd' ')" = \
  "views=2 triggers=1 $routines"
expect 'no DEFINER' test "$(zstd -dcq "$saved/objects.sql.zst" | grep -c DEFINER=)" = 0
fresh
run elsewhere "$restore" --no-start "$saved"
expect_status 0
expect_err_like "warning: the archive does not need it, but it could not be made: .*(denied|mysql)"
expect 'the rows of the view' diff <(as_root <<<'SELECT * FROM worklist_of_ris') <(as_root other <<<'SELECT * FROM worklist_of_ris')
expect 'trigger, event, function' test "$(as_root other <<<"SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = 'other';
  SELECT event_name, status FROM information_schema.events WHERE event_schema = 'other'; SELECT of_the_site()" | paste -sd' ')" = $'study_seen old_worklist\tENABLED 7'
expect 'how the database compares' test "$(as_root other <<<'SELECT @@collation_database')" = latin1_spanish_ci
as_root <<<'DROP VIEW elsewhere'

begin 'what the login may not see is named'
mariadb_sql <<<"REVOKE EVENT, TRIGGER, SHOW VIEW ON pacsdb.* FROM pacs@'%'"
run "$backup" --to "$to"
expect_status 0
for each in "view 'worklist_of_ris'" "triggers, if there are any: the login has no right TRIGGER" "events, if there are any: the login has no right EVENT"; do
  expect_err_like "not in this backup: $each"
  expect "$each" grep -qxF "left_out=$each" "$(newest pacsdb)/CONTENTS"
done
run "$restore" --verify "$(newest pacsdb)"
expect_status 0
mariadb_sql <<<"GRANT ALL ON pacsdb.* TO pacs@'%'"

begin 'rows that the server can write leave nothing of the configuration out'
for path in '*' '**' '.' './conf' conf data/xmbean-attrs deploy '[cl]*' "$stored_volume" "$stored_volume/lib" 'tar:/mnt/tape' 'conf/../data'; do
  stored_sql <<<"REPLACE INTO filesystem (pk, dirpath, fs_group_id, retrieve_aet, availability, fs_status) VALUES (9, '$path', 'X', 'DCM4CHEE', 0, 0)"
  run "$backup" --to "$to"
  expect_status 0
  zstd -dcq "$(newest pacsdb)/configuration.tar.zst" | tar -t | grep -v '/$' | sort >"$T/list"
  expect "$path: $(paste -sd' ' "$T/list")" test "$(paste -sd' ' "$T/list")" = \
    './.dcm/marker ./conf/jboss-service.xml ./data/xmbean-attrs/a.xml ./deploy/pacs-mysql-ds.xml ./lib/mysql.jar'
done
stored_sql <<<"DELETE FROM filesystem WHERE pk = 9"

begin 'a configuration without datasource, conf, lib or marker is not sound'
for path in deploy/pacs-mysql-ds.xml conf lib .dcm/marker; do
  rm -rf "$T/damaged"
  cp -a "$saved" "$T/damaged"
  zstd -dcq "$saved/configuration.tar.zst" >"$T/tar"
  tar --delete -f "$T/tar" "./$path"
  zstd -qf "$T/tar" -o "$T/damaged/configuration.tar.zst"
  (cd "$T/damaged" && sha256sum CONTENTS -- *.zst >SHA256SUMS)
  run "$restore" --verify "$T/damaged"
  expect_status 65
  expect_err_like "is damaged: the configuration lacks $path"
done

begin "Oviyam's settings, in a directory that is scratch otherwise"
mkdir -p "$stored_volume/work/jboss.web/localhost/_"
echo settings >"$stored_volume/work/jboss.web/localhost/oviyam2-1-config.xml"
echo scratch >"$stored_volume/work/jboss.web/localhost/_/other"
run "$backup" --to "$to"
fresh
run elsewhere "$restore" --no-start "$(newest pacsdb)"
expect_status 0
expect 'they are back' test "$(cd "$T/fresh/server/default" && find work -type f -exec cat {} +)" = settings

begin 'two archives with one directory of backups'
first=$(newest pacsdb)
cp -a "$stored_volume" "$T/second"
rm "$T/second/.dcm/maintenance/archive-id"
mkdir -p "$T/two/server" && mv "$T/second" "$T/two/server/default"
run env DCM4CHEE_HOME="$T/two" "$backup" --to "$to" --keep 1
expect_status 0
expect_out_like "in '$to/pacsdb@127.0.0.1_$MARIADB_PORT.2/000001-.*; 0 old removed"
run env DCM4CHEE_HOME="$T/two" "$backup" --to "$to" --keep 1
expect_out_like "in '$to/pacsdb@127.0.0.1_$MARIADB_PORT.2/000002-.*; 1 old removed"
expect 'the first has its own' test "$(newest pacsdb)" = "$first"

begin 'a restore that is done is asked for again by --force, and saves what is there before'
saved=$(newest pacsdb)
run elsewhere "$restore" --no-start "$saved"
expect_status 73
as_root other <<<"DELETE FROM files"
run elsewhere "$restore" --no-start --force "$saved"
expect_status 0
expect 'what was there' test "$(sed -n 's/^files=//p' "$(newest other)/CONTENTS")" = '0 0'
expect 'phase' grep -qx 'phase done' "$T/fresh/server/default/.dcm/restore"

begin 'interrupted in each phase: it goes on; used meanwhile: it does not'
mkdir -p "$T/template"/{conf,deploy,lib} && echo image >"$T/template/conf/jboss-service.xml"
dcm-seed-volume --make-manifest "$T/template" --product dcm4chee --image-version 1.0
for phase in database aside configuration; do
  fresh
  # as the engine copies it from the image to a new volume
  mkdir -m 755 "$T/fresh/server/default/.dcm"
  # as it is when the run ends with the beginning of that phase
  sed "/^    if \[ \"\$phase\" = $phase \]; then/i exit 99" "$DCM_SOURCE/scripts/maintenance/restore-steps.sh" >"$T/restore-steps.sh"
  rm -rf "$T/cut"
  cp -r "$DCM_SOURCE/scripts/maintenance" "$T/cut"
  cp "$T/restore-steps.sh" "$T/cut/"
  run elsewhere "$T/cut/restore" --no-start "$saved"
  expect_status 99
  expect "$phase is written down" grep -qx "phase $phase" "$T/fresh/server/default/.dcm/restore"
  run dcm-seed-volume --template "$T/template" --target "$T/fresh/server/default"
  expect_status 75
  expect_err_like "a restore on '.*' has not finished \(phase $phase\); go on with it: /opt/dcm/maintenance/restore '$saved'"
  run elsewhere "$restore" --no-start "$(dirname "$saved")/$(basename "$(ls -d "${saved%/*}"/0* | head -n 1)")"
  expect_status 75
  expect_err_like "another restore has not finished here: .*phase $phase"
  run elsewhere "$restore" --no-start "$saved"
  expect_status 0
  expect "$phase, gone on: 2 studies" test "$(as_root other <<<'SELECT COUNT(*) FROM study')" = 2
done
fresh
sed '/^    if \[ "$phase" = database \]; then/i exit 99' "$DCM_SOURCE/scripts/maintenance/restore-steps.sh" >"$T/cut/restore-steps.sh"
run elsewhere "$T/cut/restore" --no-start "$saved"
mariadb-dump --no-defaults --socket="$MARIADB_SOCKET" --user=root --skip-triggers pacsdb | as_root other
as_root other <<<"INSERT INTO study (patient_fk, study_iuid, num_series, num_instances, availability, study_status) VALUES (1, '2.25.999', 0, 0, 0, 0)"
run elsewhere "$restore" --no-start "$saved"
expect_status 73
expect 'nothing is lost' test "$(as_root other <<<'SELECT COUNT(*) FROM study')" = 3

begin 'a second directory of images on the volume stays where it is'
mkdir -p "$stored_volume/disk2/2026"
echo image | tee "$stored_volume/disk2/2026/I" >"$T/image"
stored_sql <<<"INSERT INTO filesystem (pk, dirpath, fs_group_id, retrieve_aet, availability, fs_status) VALUES (8, 'disk2', 'X', 'DCM4CHEE', 0, 0)"
run "$backup" --to "$to"
expect_status 0
expect 'not in it' test "$(zstd -dcq "$(newest pacsdb)/configuration.tar.zst" | tar -t | grep -c disk2)" = 0
fresh
cp -a "$stored_volume/disk2" "$T/fresh/server/default/"
run elsewhere "$restore" --no-start "$(newest pacsdb)"
expect_status 0
expect 'it is there' cmp "$T/image" "$T/fresh/server/default/disk2/2026/I"
run elsewhere "$restore" --no-start --force "$(newest pacsdb)"
expect_status 0
expect 'again' cmp "$T/image" "$T/fresh/server/default/disk2/2026/I"

begin 'a backup of an earlier version: restored, proved, and the first to be removed'
earlier=$to/2026-01-01T030000
cp -a "$(newest pacsdb)" "$earlier"
rm "$earlier/objects.sql.zst"
sed -i -E '/^(archive|server|bytes|text|views|triggers|routines|events|studies|series|images|files|stays|left_out)=/d' "$earlier/CONTENTS"
sed -i '/^dicom_files=/s/=.*/=not in this backup/' "$earlier/CONTENTS"
mariadb-dump --no-defaults --socket="$MARIADB_SOCKET" --user=root --triggers --hex-blob pacsdb | zstd -qf -o "$earlier/database.sql.zst"
(cd "$earlier" && sha256sum CONTENTS -- *.zst >SHA256SUMS)
run "$restore" --verify "$earlier"
expect_status 0
run "$restore" --prove "$earlier"
expect_status 0
fresh
cp -a "$stored_volume/disk2" "$T/fresh/server/default/"
run elsewhere "$restore" --no-start "$earlier"
expect_status 0
expect 'with the trigger' test "$(as_root other <<<"SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = 'other'")" = study_seen
expect 'the second directory' cmp "$T/image" "$T/fresh/server/default/disk2/2026/I"
rm -rf "$to/pacsdb@127.0.0.1_$MARIADB_PORT.2"
run "$backup" --to "$to" --keep 99
expect 'it stays' test -d "$earlier"
run "$backup" --to "$to" --keep 2
expect_status 0
expect 'it goes' test ! -e "$earlier"
expect 'two' test "$(find "$to/pacsdb@127.0.0.1_$MARIADB_PORT" -mindepth 1 -maxdepth 1 -name '0*' | wc -l)" = 2
saved=$(newest pacsdb)

begin 'a container uses the volume'
: >"$T/fresh/server/default/.dcm/lock"
flock "$T/fresh/server/default/.dcm/lock" sleep 60 &
holder=$!
held() { ! flock -n "$T/fresh/server/default/.dcm/lock" true; }
wait_for 10 held
run elsewhere "$restore" --no-start --force "$saved"
expect_status 75
expect_err_like "a container uses '$T/fresh/server/default'; stop the archive first"
kill "$holder"
pkill -P "$holder"
wait "$holder" 2>/dev/null

begin 'what stood there before goes once the archive is seen to run'
mkdir "$T/bin" "$T/fresh/server/default/.dcm/before-restore-7"
printf '#!/bin/sh\n[ "$1" = --ready ] || exec %s "$@"\nexit 75\n' "$DCM_BIN/dcm-start" >"$T/bin/dcm-start"
chmod +x "$T/bin/dcm-start"
run elsewhere env PATH="$T/bin:$PATH" "$backup" --to "$to"
expect 'not before' test -d "$T/fresh/server/default/.dcm/before-restore-7"
sed -i 's/^exit 75/exit 0/' "$T/bin/dcm-start"
run elsewhere env PATH="$T/bin:$PATH" "$backup" --to "$to"
expect_status 0
expect 'then' test -z "$(ls -d "$T/fresh/server/default/.dcm/"before-restore-* 2>/dev/null)"

begin 'no room for what is needed meanwhile'
mkdir "$T/full"
if mount -t tmpfs -o nr_inodes=1 full "$T/full" 2>/dev/null; then
  run env TMPDIR="$T/full" timeout 20 "$backup" --to "$to"
  expect_status 74
  expect_err_like "backup: error: no directory for what is needed meanwhile can be made in '$T/full'"
  umount "$T/full"
fi

begin 'proved by loading: on a server of its own, or beside the database where the login may'
for where in 'a server of its own' "'pacsdb_prove' on 127.0.0.1:$MARIADB_PORT"; do
  run "$restore" --prove "$saved"
  expect_status 0
  expect_out_like "^restore: proved: '$saved' .*, loaded into $where, has 2 studies, 2 series, 2 images, 2 files"
  expect 'no database is left' test "$(as_root <<<"SHOW DATABASES LIKE '%prove%'")" = ''
  mariadb_sql <<<"GRANT ALL ON \`pacsdb\\_prove\`.* TO pacs@'%'"
done
run env TMPDIR="$T" "$backup" --to "$to" --prove
expect_status 0
expect_out_like $'\n'"restore: proved: '.*has 2 studies"

begin 'a server that is made for a proof is of nobody else, and no SQL reads or writes a file of the machine'
mariadb_sql <<<"REVOKE ALL ON \`pacsdb\\_prove\`.* FROM pacs@'%'"
mkdir "$T/seen" && : >"$T/proof" && chmod 666 "$T/proof" && chmod 755 "$T" "$T/seen"
cat >"$T/seen/mariadbd" <<E_SERVER
#!/bin/bash
for each; do
  case \$each in
    --datadir=*) stat -c 'data %a %U' "\${each#*=}" >>"$T/proof" ;;
    --secure-file-priv=*) stat -c 'files %a %U' "\${each#*=}" >>"$T/proof" ;;
  esac
done
exec $(command -v mariadbd) "\$@"
E_SERVER
chmod 755 "$T/seen/mariadbd"
run env PATH="$T/seen:$PATH" "$restore" --prove "$saved"
expect_status 0
expect 'its socket is behind a mode' grep -qx 'data 700 nobody' "$T/proof"
expect 'no files' grep -qx 'files 700 root' "$T/proof"
mariadb_sql <<<"GRANT ALL ON \`pacsdb\\_prove\`.* TO pacs@'%'"

begin 'what is not what was saved is not proved; a database of somebody else is left alone'
rm -rf "$T/damaged"
cp -a "$saved" "$T/damaged"
sed -i 's/^studies=.*/studies=3 3/' "$T/damaged/CONTENTS"
(cd "$T/damaged" && sha256sum CONTENTS -- *.zst >SHA256SUMS)
run "$restore" --prove "$T/damaged"
expect_status 65
expect_err_like 'holds 2 studies where 3 were saved'
mariadb_sql <<<'CREATE DATABASE pacsdb_prove; CREATE TABLE pacsdb_prove.mine (a INT)'
run "$restore" --prove "$saved"
expect_status 73
expect 'it is there' test "$(as_root <<<'SHOW TABLES FROM pacsdb_prove')" = mine
finish
