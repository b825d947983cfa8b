#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# backup and restore over the archive's own schema: what is in it, secrets, no room, killed at any moment, damaged, encrypted,
# retention, and what restore refuses. The round trip through a running archive is in restore_test.bash.
# shellcheck disable=SC2016,SC2317
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
cleanup() {
  mariadb_stop
  ! mountpoint -q "$T/small" || umount "$T/small"
}
trap cleanup EXIT
stored_prepare || exit 1
to=$T/backups
mkdir "$to"
printf '0 4 * * * /opt/dcm/maintenance/restart-archive\n' >"$T/crontab_file"
export _DCM_CRONTAB_FILE=$T/crontab_file
stored_add 1
printf 'a log\n' >"$stored_volume/log/server.log"
mkdir -p "$stored_volume/wadocache1/x" "$stored_volume/nearline" "$stored_volume/tmp"
printf 'x' | tee "$stored_volume/wadocache1/x/y" "$stored_volume/nearline/image" >"$stored_volume/tmp/t"
stored_sql <<<"INSERT INTO filesystem (pk, dirpath, fs_group_id, retrieve_aet, availability, fs_status) VALUES (2, 'nearline', 'N', 'DCM4CHEE', 1, 0);
  CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW SET NEW.passwd = NEW.passwd;
  UPDATE patient SET pat_name = 'NÚÑEZ^MARÍA', pat_attrs = x'00ff0a0d275c1a' WHERE pk = 1"
mine=$to/pacsdb@127.0.0.1_$MARIADB_PORT
last() { find "$mine" -mindepth 1 -maxdepth 1 -name '0*' | sort | tail -n 1; }
complete() { find "$mine" -mindepth 1 -maxdepth 1 -name '0*' | wc -l; }
dump() { mariadb-dump --no-defaults --host=localhost --socket="$MARIADB_SOCKET" --user=root --skip-comments --hex-blob "${1:-pacsdb}" | sed -E 's/DEFINER=`[^`]*`@`[^`]*`//'; }

begin 'usage and settings'
run env -i PATH="$PATH" "$backup" --help
expect_status 0
run "$backup" --to
expect_status 64
run "$backup" --to "$T/none"
expect_status 78
expect_err "backup: error: no directory '$T/none'; mount one there (volumes: - ./backup:/backup), or name another with --to"
run "$backup" --to "$to" --recipient nobody
expect_status 78
run "$backup" --to "$stored_volume/data"
expect_status 78
expect_err_like 'on the volume that it is to save'
run env MYSQL_PASSWORD=wrong "$backup" --to "$to"
expect_status 77

expect_quiet() { # but for the lines of what takes longer than 10 s
  expect 'no word on standard error' test -z "$(grep -vE ' % after [0-9]+ s$' "$T/err")"
}

begin 'a dry run writes nothing'
run "$backup" --to "$to" --dry-run
expect_status 0
expect_out_like "^backup: would write database 'pacsdb' \(55 tables\), configuration, crontab to '$mine', about .* the archive's 1 DICOM files \([0-9]+B\) would not be in it"
expect 'empty' test -z "$(ls -A "$to")"

begin 'what is in it, and what is not'
run "$backup" --to "$to"
expect_status 0
expect_quiet
expect_out_like "^backup: database 'pacsdb' \(55 tables\), configuration, crontab in '$mine/000001-[-0-9]*T[0-9]{6}', [0-9.]+K, verified; 0 old removed; the archive's 1 DICOM files \([0-9]+B\) are not in it"
first=$(last)
expect 'only for its owner' test "$(stat -c %a "$first" "$first/database.sql.zst" | paste -sd' ')" = '700 600'
zstd -dcq "$first/configuration.tar.zst" | tar -t | grep -v '/$' | sort >"$T/list"
expect 'configuration' test "$(paste -sd' ' "$T/list")" = './.dcm/marker ./conf/jboss-service.xml ./data/xmbean-attrs/a.xml ./deploy/pacs-mysql-ds.xml ./lib/mysql.jar'
expect 'crontab' test "$(zstd -dcq "$first/crontab.zst")" = "$(cat "$T/crontab_file")"
expect 'says so' grep -qE '^dicom_files=not in this backup: 1 DICOM files \([0-9]+B\)$' "$first/CONTENTS"
expect 'counts' test "$(grep -E '^(studies|series|images|files)=' "$first/CONTENTS" | paste -sd' ')" = 'studies=1 1 series=1 1 images=1 1 files=1 1'
run "$restore" --verify "$first"
expect_status 0
expect_out_like "^restore: sound: '$first' \(20.*, database 'pacsdb', 55 tables\)"

begin 'the password is in no argument'
mkdir "$T/bin"
for program in mariadb mariadb-dump tar zstd; do
  printf '#!/bin/sh\nprintf "%%s\\n" "$0" "$@" >>"%s"\nexec %s "$@"\n' "$T/argv" "$(command -v "$program")" >"$T/bin/$program"
done
chmod +x "$T"/bin/*
run env PATH="$T/bin:$PATH" "$backup" --to "$to"
expect_status 0
expect 'watched' grep -q 'mariadb-dump' "$T/argv"
expect 'password' test "$(grep -cF -e "$MYSQL_PASSWORD" "$T/argv")" = 0

begin 'retention: the newest stay, and only after success'
mkdir "$mine/by hand" "$to/2025-01-01T000000"
run env MYSQL_PASSWORD=wrong "$backup" --to "$to" --keep 1
expect_status 77
expect 'nothing removed' test "$(complete)" = 2
run "$backup" --to "$to" --keep 2 --dry-run
expect_out_like "^would remove $mine/000001-[-0-9T]+"$'\n'
run "$backup" --to "$to" --keep 2
expect_status 0
expect_out_like '1 old removed'
expect 'two' test "$(complete)" = 2
expect 'not ours' test -d "$mine/by hand" -a -d "$to/2025-01-01T000000"

begin 'the clock went back: the newest is the one that was made last, and it stays'
mv "$(last)" "$mine/000003-2099-01-01T000000"
run "$backup" --to "$to" --keep 1
expect_status 0
expect_out_like "in '$mine/000004-"
expect 'it alone' test "$(complete) $(last)" = "1 $(ls -d "$mine"/000004-*)"

begin 'one at a time'
exec 8>>"$mine/.lock"
flock 8
run "$backup" --to "$to"
expect_status 75
exec 8>&-

begin 'damage is found: any part, any byte, a missing part, one more'
good=$(last)
cp -a "$good" "$T/damaged"
for file in database.sql.zst configuration.tar.zst crontab.zst CONTENTS; do
  size=$(stat -c %s "$good/$file")
  for at in 0 $((size / 2)) $((size - 1)); do
    cp "$good/$file" "$T/damaged/$file"
    old=$(od -An -tu1 -j "$at" -N 1 "$good/$file")
    # shellcheck disable=SC2059
    printf "\\$(printf %o $((old ^ 1)))" | dd of="$T/damaged/$file" bs=1 seek="$at" conv=notrunc status=none
    run "$restore" --verify "$T/damaged"
    expect_status 65
    expect_err_like "^restore: error: '$T/damaged' is damaged: $file: FAILED"
  done
  cp "$good/$file" "$T/damaged/$file"
done
truncate -s -100 "$T/damaged/database.sql.zst"
run "$restore" --verify "$T/damaged"
expect_status 65
rm "$T/damaged/database.sql.zst"
run "$restore" --verify "$T/damaged"
expect_status 65
# sums that fit, but a dump that was cut off before it was compressed
zstd -dcq "$good/database.sql.zst" | head -n -2 | zstd -q >"$T/damaged/database.sql.zst"
(cd "$T/damaged" && sha256sum CONTENTS -- *.zst >SHA256SUMS)
run "$restore" --verify "$T/damaged"
expect_status 65
expect_err_like 'does not reach its end'

begin 'a disk that forgets: what is read back is not what was written'
printf '#!/bin/sh\ncase "$*" in *partial*) cat >/dev/null; echo forgotten >"$1";; *) exec %s "$@";; esac\n' "$(command -v tee)" >"$T/bin/tee"
chmod +x "$T/bin/tee"
before=$(complete)
printf '#!/bin/sh\n%s "$1"; sed -i 1s/^./X/ "$1" 2>/dev/null; :\n' "$(command -v tee)" >"$T/bin/tee"
run env PATH="$T/bin:$PATH" "$backup" --to "$to"
expect_status 74
expect 'none more' test "$(complete)" = "$before"
rm "$T/bin/tee"

begin 'no room: said before; and when it runs out on the way, nothing stays'
mkdir "$T/small"
mount -t tmpfs -o size=1m small "$T/small" 2>/dev/null || skip 'cannot mount a small file system'
run "$backup" --to "$T/small"
expect_status 69
expect_err_like "^backup: error: no room in '$T/small': about .* needed, .* free; free space there, or keep fewer"
umount "$T/small"
mount -t tmpfs -o size=6m small "$T/small"
stored_sql <<<"CREATE TABLE JBM_MSG (a LONGBLOB)"
head -c 7000000 /dev/urandom | od -An -v -tx1 | tr -d ' \n' | sed "s/.*/INSERT INTO JBM_MSG VALUES (x'&')/" | mariadb_sql pacsdb
stored_sql <<<"CREATE TABLE empty (a INT)"
run env PATH="$T/bin:$PATH" bash -c "sed 's/room_needed) free/echo 1) free/' '$backup' >'$T/backup'; cp '$DCM_SOURCE'/scripts/maintenance/*.sh '$T'; chmod +x '$T/backup'; '$T/backup' --to '$T/small'"
expect_status 69
expect_err_like "^backup: error: no room left in '$T/small', nothing was kept"
expect 'nothing' test "$(find "$T/small" -type f | sed 's|.*/||' | sort | paste -sd' ')" = '.archive .lock'
umount "$T/small"
stored_sql <<<"DROP TABLE JBM_MSG; DROP TABLE empty"

begin 'killed at fifty moments: what looks complete is complete, and the next one clears up'
mkdir "$T/tmp"
export TMPDIR=$T/tmp
began=$(date +%s%3N)
run "$backup" --to "$to"
longest=$((($(date +%s%3N) - began) * 3 / 2))
for try in $(seq 50); do
  signal=KILL
  [ $((try % 5)) != 0 ] || signal=TERM
  setsid "$backup" --to "$to" --keep 0 >"$T/out" 2>&1 </dev/null &
  pid=$!
  sleep "$(printf '%d.%03d' $((RANDOM % longest / 1000)) $((RANDOM % 1000)))"
  if [ $signal = KILL ]; then
    {
      pkill -KILL -s "$pid"
      wait "$pid"
    } 2>/dev/null
  else
    kill -TERM "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    status=$?
    # 75: what a kill left behind still writes
    [ "$status" = 143 ] || [ "$status" = 0 ] || [ "$status" = 75 ] || fail "TERM: status $status"
    nothing_left() { ! pgrep -s "$pid" -r R,S,D; }
    wait_for 5 nothing_left
  fi
done
complete >"$T/count"
for each in "$mine"/0*; do
  "$restore" --verify "$each" >/dev/null 2>"$T/err" || fail "a backup that was cut off looks complete: $(cat "$T/err")"
done
run "$backup" --to "$to" --keep 3
expect_status 0
expect 'cleared' test -z "$(find "$to" -name '.partial*')"
expect 'cleared where temporary files are' test -z "$(ls -A "$T/tmp")"
unset TMPDIR
expect 'three at most' test "$(complete)" -ge 1 -a "$(complete)" -le 3

begin 'encrypted: nothing in clear, and of no use without the key'
age-keygen -o "$T/key" 2>"$T/key.err"
recipient=$(sed -n 's/^# public key: //p' "$T/key")
run "$backup" --to "$to" --recipient "$recipient"
expect_status 0
expect_out_like 'verified as encrypted'
sealed=$(last)
expect 'all parts' test "$(cd "$sealed" && echo *)" = 'CONTENTS SHA256SUMS configuration.tar.zst.age crontab.zst.age database.sql.zst.age objects.sql.zst.age'
run "$restore" --verify "$sealed"
expect_status 0
expect_out_like 'as encrypted: what is inside needs --identity'
run "$restore" --verify --identity "$T/key" "$sealed"
expect_status 0
run "$restore" "$sealed"
expect_status 78
mkdir "$T/no.key"
run "$restore" --verify --identity "$T/no.key" "$sealed"
expect_status 78
expect_err_like "^restore: error: the key '$T/no.key' is no file that can be read"
secret=$(grep ^AGE-SECRET "$T/key")
run "$backup" --to "$to" --recipient "$secret"
expect_status 78
expect_err_like '^backup: error: the recipient is a secret key'
expect 'which is not repeated' test "$(grep -cF -e "$secret" "$T/err")" = 0
age-keygen -o "$T/other.key" 2>"$T/key.err"
run "$restore" --verify --identity "$T/other.key" "$sealed"
expect_status 78
expect_err_like "^restore: error: the key '$T/other.key' does not open '$sealed'"
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
  # /var/tmp as in a container that is read-only: beside the backup it would lie in clear
  # shellcheck disable=SC2016
  run env -u TMPDIR unshare -m sh -c 'mount -t tmpfs -o ro none /var/tmp && exec "$@"' sh "$restore" --prove --identity "$T/key" "$sealed"
  expect_status 69
  expect_err_like "^restore: error: '$sealed' is encrypted, and would lie beside it in clear to be proved; name a directory for that with TMPDIR"
  expect 'nothing in clear' test -z "$(find "$to" -name 'dcm-prove*')"
fi

good=$(find "$to" -name 'crontab.zst' -printf '%h\n' | sort | tail -n 1)
begin 'restore refuses what is in use, and a server that is running'
run "$restore" --no-start "$good"
expect_status 73
expect_err_like "'pacsdb' on 127.0.0.1:$MARIADB_PORT is in use, nothing was changed"
mariadb_create other pacs "$MYSQL_PASSWORD"
export MYSQL_DATABASE=other
run "$restore" --no-start "$good"
expect_status 73
expect_err_like "'$stored_volume' is in use, nothing was changed"
mariadb --no-defaults --host=127.0.0.1 --port="$MARIADB_PORT" --user=pacs --password="$MYSQL_PASSWORD" other -e 'SELECT SLEEP(60)' >/dev/null 2>&1 &
sleeper=$!
connected() { [ "$(mariadb_sql <<<"SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'other'")" != 0 ]; }
wait_for 10 connected
export DCM4CHEE_HOME=$T/fresh
mkdir -p "$T/fresh/server/default/archive"
run "$restore" --no-start "$good"
expect_status 75
expect_err_like "1 connections to 'other' .* are open; stop the archive first"
kill "$sleeper"
mariadb_sql <<<"SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE db = 'other'" | mariadb_sql
disconnected() { ! connected; }
disconnected_and_empty() { [ -z "$(mariadb_sql other <<<'SHOW TABLES')" ]; }
wait_for 10 disconnected

begin 'restored into nothing: database and files are what they were'
run "$restore" --no-start --dry-run "$good"
expect_status 0
run "$restore" --no-start --identity "$T/key" "$sealed"
expect_status 0
expect_quiet
diff <(dump) <(dump other) >"$T/diff" || fail "the database differs: $(head -c 500 "$T/diff")"
diff -r --exclude=archive --exclude=log --exclude=tmp --exclude=work --exclude='wadocache*' --exclude=nearline --exclude=restore --exclude=maintenance "$stored_volume" "$T/fresh/server/default" >"$T/diff" ||
  fail "the volume differs: $(cat "$T/diff")"
expect 'no leftovers' test -z "$(ls -d "$T"/fresh/server/default/.dcm/{restore-tree,before-restore-1,*.new} 2>/dev/null)"

begin 'restore cut off at any moment does not start, and done again it is whole'
for try in 1 2 3 4 5 6 7 8 9 10 11 12; do
  rm -rf "$T/fresh/server/default" && mkdir -p "$T/fresh/server/default/archive"
  mariadb_sql <<<'DROP DATABASE other; CREATE DATABASE other'
  setsid "$restore" --no-start "$good" >"$T/out" 2>&1 </dev/null &
  pid=$!
  sleep "0.$(printf %03d $((try * 80)))"
  # what was forked while the others were killed, too
  {
    while pkill -KILL -s "$pid"; do
      wait "$pid"
    done
    wait "$pid"
  } 2>/dev/null
  wait_for 10 disconnected
  # what keeps it from starting
  if ! grep -qE '^phase (database|aside|configuration)$' "$T/fresh/server/default/.dcm/restore" 2>/dev/null && ! disconnected_and_empty; then
    diff <(dump) <(dump other) >/dev/null || fail "cut off at $try: a volume that starts, on a database that is not whole"
    diff -r -x archive -x log -x tmp -x work -x 'wadocache*' -x nearline -x .dcm "$stored_volume" "$T/fresh/server/default" >/dev/null ||
      fail "cut off at $try: a volume that starts and is not whole"
  fi
  run "$restore" --no-start "$good"
  [ "$status" = 0 ] || [ "$status" = 73 ] || fail "cut off at $try, then: $(cat "$T/err")"
  diff <(dump) <(dump other) >/dev/null || fail "cut off at $try and done again: the database differs"
done

begin '--force: what was there is kept'
printf 'newer\n' >"$T/fresh/server/default/conf/jboss-service.xml"
mariadb_sql other <<<"CREATE TABLE stranger (a INT); DELETE FROM files"
run "$restore" --no-start --force "$good"
expect_status 0
expect 'a backup of it' test "$(find "$to/other@127.0.0.1_$MARIADB_PORT" -name 'database.sql.zst' | wc -l)" = 1
expect 'its files' test "$(cat "$T/fresh/server/default/.dcm/"before-restore-*/conf/jboss-service.xml)" = newer
diff <(dump) <(dump other) >"$T/diff" || fail "the database differs: $(head -c 500 "$T/diff")"

begin '--force with an encrypted backup: what was there is kept encrypted as well'
rm -rf "$T/sealed"
mkdir "$T/sealed"
cp -a "$sealed" "$T/sealed/"
mariadb_sql other <<<"CREATE TABLE stranger (a INT)"
printf '0 4 * * * another\n' >"$_DCM_CRONTAB_FILE"
run "$restore" --no-start --force --identity "$T/key" "$T/sealed/${sealed##*/}"
expect_status 0
expect 'two' test "$(find "$T/sealed" -name 'database.sql.zst.age' | wc -l)" = 2
expect 'none in clear' test -z "$(find "$T/sealed" -name '*.zst')"
kept=$(find "$T/sealed" -mindepth 2 -maxdepth 2 -name '0*' ! -name "${sealed##*/}")
run "$restore" --verify --identity "$T/key" "$kept"
expect_status 0

begin 'a crontab that is not in its place is said, and where it is'
left=$T/fresh/server/default/.dcm/crontab_file
run "$restore" --no-start --force --identity "$T/key" "$sealed"
expect_status 0
expect_err_like "the crontab of the backup is not '$_DCM_CRONTAB_FILE', so its jobs do not run, nightly backups among them; it is in '$left'"
expect 'it' test "$(cat "$left")" = '0 4 * * * /opt/dcm/maintenance/restart-archive'
expect 'for its owner only' test "$(stat -c %a "$left")" = 600
finish
