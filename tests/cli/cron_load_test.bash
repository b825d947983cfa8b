#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-cron-load against cron's real crontab command, in a spool of its own.
# shellcheck disable=SC2016,SC2317
# shellcheck source=tests/lib/private.bash
. "$DCM_SOURCE/tests/lib/private.bash"
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
tool=dcm-cron-load
spool=/var/spool/cron/crontabs
table=$T/crontab
load() { run $tool --file "$table" "$@"; }
body() { tail -n +4 "$spool/root" | grep -vE '^(# loaded by|SHELL=|PATH=container)'; }

begin 'absent: fine, nothing changes'
load
expect_status 0
expect_err "dcm-cron-load: no '$table', no jobs to load"
expect 'no table' test ! -e $spool/root
load --check
expect_status 66

begin 'empty: fine'
: >"$table"
load
expect_status 0
expect_err ''
expect 'no table' test ! -e $spool/root

begin 'a sound file is installed as it stands'
printf '# mine\nA="b c"\n*/5 * * * * echo 50\\%% > /proc/1/fd/1\n@daily  true\n' >"$table"
load
expect_status 0
expect_err "dcm-cron-load: crontab of 'root' loaded from '$table'"
expect 'the file is the table' test "$(body)" = "$(cat "$table")"

begin 'again: nothing is run and nothing is touched'
before=$(stat -c '%y %i' $spool/root $spool)
run env PATH=/nonexistent "$DCM_BIN/$tool" --file "$table"
expect_status 0
expect_err ''
expect 'untouched' test "$before" = "$(stat -c '%y %i' $spool/root $spool)"

begin 'what Windows editors do is repaired and said'
printf '\xef\xbb\xbf* * * * * a\r\n* * * * * b' >"$table"
load
expect_status 0
expect_err_like 'byte order mark taken off.*newline added at the end.*Windows line ends taken off 1 line'
expect 'clean' test "$(body)" = $'* * * * * a\n* * * * * b'

begin 'a broken file changes nothing and names every bad line'
cp $spool/root "$T/before"
printf '# x\n61 * * * * one\nA=1\n* * * * 9 two\n* * * * * fine\n@sometimes three\nMIN BAD\n* 25 * * * four' >"$table"
load
expect_status 65
grep -oE "' line [0-9]+:" "$T/err" | tr -dc '0-9\n' >"$T/lines"
expect 'the five bad lines' test "$(tr '\n' ' ' <"$T/lines")" = '2 4 6 7 8 '
expect_err_like "error: '$table' line 2: bad minute: '61 \* \* \* \* one'"
expect_err_like "error: '$table' has 5 lines that cron does not understand, so nothing was changed"
expect 'the old table stands' cmp $spool/root "$T/before"
load --check
expect_status 65
load --keep-going -- echo went on
expect_status 0
expect_out 'went on'
expect_err_like "run 'dcm-cron-load' again; what was loaded before stays: 2 jobs \(a, b\)$"
expect 'the old table stands' cmp $spool/root "$T/before"

begin 'no text, no file, no cron'
printf '\xff\xfe*\0' >"$table"
load
expect_status 65
rm "$table"
mkdir "$table"
load
expect_status 66
expect_err_like "'$table' is a directory: the container engine makes one when the file to mount is missing"
load --keep-going
expect_status 0
rmdir "$table"
printf '* * * * * a\n' >"$table"
rm $spool/root
run env PATH=/nonexistent "$DCM_BIN/$tool" --file "$table"
expect_status 127
expect_err "dcm-cron-load: error: cannot run 'crontab': not in PATH; install it"
run env PATH=/nonexistent "$DCM_BIN/$tool" --file "$table" --keep-going
expect_status 0

begin 'a table changed inside is saved aside, named, and replaced'
load
{ tail -n +4 $spool/root; printf '0 3 * * * by-hand\n'; } | crontab -
load
expect_status 0
saved=$(echo /var/backups/crontab.root.*)
expect_err_like "warning: the crontab of 'root' was changed inside the container; it is saved as '$saved'"
expect 'saved' grep -q by-hand "$saved"
expect 'for root only' test "$(stat -c %a "$saved")" = 600
expect 'replaced' test "$(body)" = '* * * * * a'
rm "$saved"

begin 'not when the new one is refused'
printf '0 3 * * * by-hand\n' | crontab -
printf 'MIN BAD\n' >"$table"
load
expect_status 65
expect 'nothing saved' test -z "$(ls /var/backups)"
expect 'untouched' grep -q by-hand $spool/root

begin 'nor when it cannot be saved'
printf '* * * * * a\n' >"$table"
mount -o remount,ro /var/backups
load
expect_status 77
expect 'untouched' grep -q by-hand $spool/root
mount -o remount,rw /var/backups

begin 'a plain crontab FILE by hand is taken over without a copy'
crontab "$table"
load
expect_status 0
expect 'nothing saved' test -z "$(ls /var/backups)"
expect 'installed' test "$(body)" = '* * * * * a'

begin 'an emptied file empties the table'
: >"$table"
load
expect_status 0
expect 'no jobs' test "$(body)" = ''

begin 'another user'
printf '* * * * * a\n' >"$table"
load --user nobody
expect_status 0
expect 'owner' test "$(stat -c %U $spool/nobody)" = nobody
load --user dcm-nobody-at-all
expect_status 69
expect_err_like "error: 'crontab' refuses to work .*unknown"

begin '--check installs nothing, and has nothing to say about what cron accepts'
before=$(cat $spool/root)
printf '61 * * * * x\n1/5 * * * * y\n' >"$table"
load --check
expect_status 65
expect_err_like "line 1: bad minute: '61 \* \* \* \* x'"
printf '0 4 * * * root no-such-program\n0 5 * * * date +%%Y\nTZ=Asia/Tokyo\n* * * * * ./x\n' >"$table"
load --check
expect_status 0
expect_err ''
expect 'installed nothing' test "$(cat $spool/root)" = "$before"

begin 'the environment for jobs: written by the start of a container, kept by hand'
printf '* * * * * a\n' >"$table"
rm -rf /run/dcm
run env A=1 MYSQL_PASSWORD=geheim "$DCM_BIN/$tool" --file "$table" -- true
expect_status 0
run env TZ=No/Where "$DCM_BIN/$tool" --file "$table" -- sh -c 'echo "$TZ"'
expect_out No/Where
run env A=1 MYSQL_PASSWORD=geheim "$DCM_BIN/$tool" --file "$table" -- true
expect 'for root' test "$(stat -c %a /run/dcm/env) $(grep -zc geheim /run/dcm/env)" = '600 1'
expect 'for all' test "$(stat -c %a /run/dcm/env.public) $(grep -zc geheim /run/dcm/env.public)" = '644 0'
run env A=2 "$DCM_BIN/$tool" --file "$table"
expect 'not by hand' grep -qz '^A=1' /run/dcm/env
run env A=3 "$DCM_BIN/$tool" --file "$table" -- true
expect 'a new start' grep -qz '^A=3' /run/dcm/env
rm -rf /run/dcm
mount -t tmpfs -o ro none /run
run env A=4 "$DCM_BIN/$tool" --file "$table" -- true
expect_status 0
expect_err_like 'warning: cannot create .*/run/dcm.*; jobs do not see the environment of the container'
umount /run

begin 'a file that was replaced on the host is named'
printf '0 4 * * * mounted\n' >"$T/host"
: >"$table"
mount --bind "$T/host" "$table"
: >"$T/new"
mv "$T/new" "$T/host"
for how in '' --check; do
  load $how
  expect_status 0
  expect_err_like "warning: '$table' was replaced on the host, and this container keeps the old file; restart the container"
done
umount "$table"

begin 'a new container with a broken file runs the jobs of the last crontab that was good'
export DCM4CHEE_HOME=$T/home
own=$DCM4CHEE_HOME/server/default/.dcm
mkdir -p "$DCM4CHEE_HOME/server/default" && mkdir -m 700 "$own"
printf 'A=1\n# x\n0 3 * *\t* /opt/x/backup --password geheim\n@daily other\n' >"$table"
load
expect 'kept with the volume, for root alone' test "$(stat -c '%a %U' "$own/crontab")" = '600 root'
expect 'as it stands' cmp "$own/crontab" "$table"
before=$(stat -c %y%i "$own/crontab")
load
expect 'not touched again' test "$(stat -c %y%i "$own/crontab")" = "$before"
crontab -r # the container is made anew
printf '61 * * * * x\n' >"$table"
load --keep-going
expect_status 0
expect_err_like "line 1: bad minute: '61 \* \* \* \* x'"
expect_err_like "again; the last crontab that was good runs: 2 jobs \(backup, other\)$"
expect 'they are installed' test "$(body)" = $'A=1\n# x\n0 3 * *\t* /opt/x/backup --password geheim\n@daily other'
expect 'and stay kept' grep -q backup "$own/crontab"
crontab -r
rm "$table"
mkdir "$table"
load --keep-going
expect_err_like "'$table' is a directory: .*; the last crontab that was good runs: "
rmdir "$table"
load --keep-going
expect_err "dcm-cron-load: no '$table', no jobs to load" # who takes the file away wants no jobs

begin 'never what somebody else may have written'
printf '61 * * * * x\n' >"$table"
crontab -r
chmod 755 "$own"
load --keep-going
expect_err_like 'again; no job runs'
expect 'none' test ! -e $spool/root
chmod 700 "$own"
chown 65534 "$own"
load --keep-going
expect_err_like 'again; no job runs'
chown root "$own"
rm "$own/crontab"
printf '* * * * * evil\n' >"$T/evil"
ln -s "$T/evil" "$own/crontab"
load --keep-going
expect_status 0
expect_err_like 'again; no job runs'
expect 'none' test ! -e $spool/root

begin 'what cannot be kept stops nothing'
rm "$own/crontab"
printf '0 3 * * * backup\n' >"$table"
mkdir "$own/crontab"
load
expect_status 0
expect_err_like "warning: cannot .*crontab.*; a new container would have no jobs while '$table' is broken"
expect 'installed' test "$(body)" = '0 3 * * * backup'
load --user nobody
expect_err "dcm-cron-load: crontab of 'nobody' loaded from '$table'"
unset DCM4CHEE_HOME

begin 'in a container that does not run as root: one clear line'
printf '* * * * * true\n' >"$T/readable"
chmod 755 "$T"
run setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs "$DCM_BIN/dcm-cron-load" --keep-going --file "$T/readable"
expect_status 0
expect_err "dcm-cron-load: not running as root, so cron cannot work; '$T/readable' is not loaded"
finish
