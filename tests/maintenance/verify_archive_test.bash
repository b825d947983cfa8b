#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# verify-archive over real DICOM files and the archive's own schema: lost, damaged, orphaned, moved meanwhile, cut into slices.
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
tool=$DCM_SOURCE/scripts/maintenance/verify-archive
trap mariadb_stop EXIT
stored_prepare || exit 1
archive=$stored_volume/archive
position=$stored_volume/.dcm/maintenance/verify-archive
# from the beginning
afresh() {
  rm -f "$position"
  run "$@"
}

begin 'usage'
run env -i PATH="$PATH" "$tool" --help
expect_status 0
run "$tool" --files x
expect_status 64
expect_err "verify-archive: error: --files takes a whole number, not 'x'; try 'verify-archive --help'"

begin 'an archive without files'
run "$tool"
expect_status 0
expect_out 'verify-archive: 0 files read, 0 lost, 0 damaged; 0 looked at, 0 orphaned'

paths=()
for n in 1 2 3 4 5 6; do
  stored_add "$n" "2026/11/$((18 + n / 2))"
  paths[n]=$stored_path
done
rm -f "$position"

begin 'all is well; nothing is changed'
find "$archive" -printf '%p %T@ %s %m\n' | sort >"$T/before"
run "$tool"
expect_status 0
expect_err ''
expect_out 'verify-archive: 6 files read, 0 lost, 0 damaged; 6 looked at, 0 orphaned'
expect 'the archive is untouched' diff "$T/before" <(find "$archive" -printf '%p %T@ %s %m\n' | sort)

begin 'in slices, each going on where the last ended'
seen=
for _ in 1 2 3 4; do
  run "$tool" --files 2
  expect_status 0
  seen+=" $(sed -n 's/^key=//p' "$position")"
done
expect 'keys' test "$seen" = ' 2 4 6 0'
run "$tool" --dry-run --files 2
expect_out_like '^verify-archive: would read 2 files after key 0'

begin 'lost, damaged in one byte, orphaned: each named, with the path'
rm "$archive/${paths[2]}"
printf 'X' | dd of="$archive/${paths[4]}" bs=1 seek=300 conv=notrunc status=none
mkdir -p "$archive/2026/11/20/11"
cp "$archive/${paths[1]}" "$archive/2026/11/20/11/stray"
touch -d '2 hours ago' "$archive/2026/11/20/11/stray"
cp "$archive/${paths[1]}" "$archive/2026/11/20/11/being-stored"
afresh "$tool"
expect_status 65
expect_out "damaged $archive/${paths[4]}
lost $archive/${paths[2]}
orphaned $archive/2026/11/20/11/stray
verify-archive: 6 files read, 1 lost, 1 damaged; 5 looked at, 1 orphaned"

begin 'the newest only'
run "$tool" --newest --files 2
expect_status 0
expect_out 'verify-archive: 2 files read, 0 lost, 0 damaged'
run "$tool" --newest --files 3
expect_status 65

begin 'without an MD5 the size counts; one that is not online does not'
stored_sql <<<"UPDATE files SET file_md5 = NULL WHERE pk = 4"
afresh "$tool"
expect_status 65
expect_out_like 'lost, 0 damaged'
stored_sql <<<"UPDATE files SET file_size = file_size + 1 WHERE pk = 4"
afresh "$tool"
expect_out_like "damaged $archive/${paths[4]}"
stored_sql <<<"UPDATE files SET file_md5 = '', file_size = NULL WHERE pk = 4;
  INSERT INTO filesystem (pk, dirpath, fs_group_id, retrieve_aet, availability, fs_status) VALUES (2, 'tar:/nearline', 'N', 'DCM4CHEE', 1, 0);
  UPDATE files SET filesystem_fk = 2 WHERE pk = 2"
afresh "$tool"
expect_status 0
expect_out_like '5 files read, 0 lost, 0 damaged'

begin 'several directories, absolute ones with blanks too'
mkdir -p "$T/second store/2026/11/18/1/2"
mv "$archive/${paths[1]}" "$T/second store/2026/11/18/1/2/F"
cp "$T/second store/2026/11/18/1/2/F" "$T/second store/2026/11/18/1/2/G"
touch -d '2 hours ago' "$T/second store/2026/11/18/1/2/G"
stored_sql <<<"INSERT INTO filesystem (pk, dirpath, fs_group_id, retrieve_aet, availability, fs_status) VALUES (3, '$T/second store', 'S', 'DCM4CHEE', 0, 0);
  UPDATE files SET filesystem_fk = 3, filepath = '2026/11/18/1/2/F' WHERE pk = 1"
afresh "$tool" --files 0
expect_status 0
expect_out "orphaned $T/second store/2026/11/18/1/2/G
orphaned $archive/2026/11/20/11/stray
verify-archive: 5 files read, 0 lost, 0 damaged; 6 looked at, 2 orphaned"

begin 'a row that goes while it is looked at is not a lost file'
rm "$archive/${paths[5]}"
afresh "$tool"
expect_status 65
expect_out_like "lost $archive/${paths[5]}"
# the client in front of the real one: once the rows are read, the archive moves that file to another file system
mkdir "$T/bin"
cat >"$T/bin/mariadb" <<E_CLIENT
#!/bin/bash
sql=\$(cat)
"$(command -v mariadb)" "\$@" <<<"\$sql"
status=\$?
[[ \$sql != *'f.pk > 0'* ]] ||
  "$(command -v mariadb)" --no-defaults --host=localhost --socket="$MARIADB_SOCKET" --user=root pacsdb -e 'UPDATE files SET filesystem_fk = 2 WHERE pk = 5'
exit \$status
E_CLIENT
chmod +x "$T/bin/mariadb"
afresh env PATH="$T/bin:$PATH" "$tool"
expect_status 0
expect_out_like '5 files read, 0 lost, 0 damaged'

begin 'names that a server could write into the database, and what lies there'
stored_sql <<'E_SQL'
UPDATE files SET filesystem_fk = 1, file_md5 = 'd41d8cd98f00b204e9800998ecf8427e' WHERE pk IN (1, 3, 4, 5);
UPDATE files SET filepath = 'new\nline' WHERE pk = 1;
UPDATE files SET filepath = 'back\\slash: FAILED' WHERE pk = 3;
UPDATE files SET filepath = '*' WHERE pk = 4;
UPDATE files SET filepath = 'pipe' WHERE pk = 5;
E_SQL
: >"$archive/"$'new\nline'
: >"$archive/back\\slash: FAILED"
: >"$archive/many"
mkfifo "$archive/pipe"
afresh timeout 60 "$tool"
expect_status 65
expect_out_like "^lost $archive/\*"$'\n'"lost $archive/pipe"$'\n'
expect_out_like ' 5 files read, 2 lost, 0 damaged'
printf 'x' >"$archive/"$'new\nline'
afresh timeout 60 "$tool"
expect_out_like "^damaged $archive/new.nline"$'\n'

begin 'where it ended is taken apart strictly'
for record in $'key=1\nunit=x\nunit=y' 'key=a[$(touch hit)]' $'key=99999999999999999999\nunit=' '' $'unit=x\nkey=1'; do
  printf '%s\n' "$record" >"$position"
  run "$tool" --dry-run --files 2
  expect_status 0
  expect_out "verify-archive: would read 2 files after key 0, and look for unknown ones after 'the beginning'"
done

begin 'what a NAS leaves is no orphan'
mkdir -p "$archive/2026/11/20/11/@eaDir"
cp "$archive/many" "$archive/2026/11/20/11/@eaDir/thumb"
touch -d '2 hours ago' "$archive/2026/11/20/11/@eaDir/thumb"
afresh "$tool" --files 0
expect 'not told' test "$(grep -c eaDir "$T/out")" = 0

begin 'nothing is there: the mount is missing'
mv "$archive" "$T/elsewhere" && mkdir "$archive"
mv "$T/second store" "$T/gone"
afresh "$tool"
expect_status 75
expect_err_like "none of [0-9]+ files is there .*not mounted"
finish
