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
expect_err_like 'jobs that were loaded before stay'
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

begin '--check: why a line is refused, and what parses but is meant otherwise'
before=$(cat $spool/root)
printf '61 * * * * x\n1/5 * * * * y\n' >"$table"
load --check
expect_status 65
expect_err_like "line 1: bad minute: '61 \* \* \* \* x'; the first field is 0 to 59"
printf '0 4 * * * root no-such-program\n0 5 * * * date +%%Y\nTZ=Asia/Tokyo\n* * * * * ./x\n' >"$table"
load --check
expect_status 0
expect_err_like "warning: '$table' line 1: six fields are for /etc/crontab: 'root'"
expect_err_like "line 2: the command ends at the first %"
expect_err_like "line 3: TZ does not move the schedule"
expect 'installed nothing' test "$(cat $spool/root)" = "$before"

begin '--next: in the zone of the container, also where the clock is changed'
printf '# x\n30 2 * * *  night\n61 * * * * bad\n@reboot  start\n' >"$table"
run env TZ=Europe/Madrid "$DCM_BIN/$tool" --file "$table" --next 2
expect_status 0
expect_err ''
expect_out_like $'^30 2 \* \* \*  night\n  ... ....-..-.. 02:30:00 CES?T\n  ... ....-..-.. 02:30:00 CES?T\n@reboot  start\n  when the container starts$'
run env TZ=Europe/Madird "$DCM_BIN/$tool" --file "$table" --next 1
expect_status 0
expect_err "dcm-cron-load: error: jobs run by the time of /etc/localtime: there is no time zone 'Europe/Madird' (TZ); did you mean 'Europe/Madrid'?"
load --next 0
expect_status 64
printf '0 0 30 2 * never\n' >"$table"
load --next 1
expect_status 0
expect_out_like 'never'
rm "$table"
load --next 1
expect_status 66

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

begin '--list: what is installed, and how it did'
printf 'A=1\n0 4 * * *  date +\\%%Y\n5 4 * * *  other\n' >"$table"
load
mkdir -p /run/dcm
id=$(printf 'date +%%Y' | sha256sum | head -c 12)
printf '{"jobs":[{"id":"%s","name":"date","user":"root","started_ms":1764057600000,"duration_ms":2000,"status":3,"running":0,"pid":1,"runs":7,"failures":1,"skipped":2}]}' \
  "$id" >/run/dcm/jobs.json
run env TZ=UTC "$DCM_BIN/$tool" --list
expect_status 0
expect_out $'0 4 * * *  date +\\%Y\n  date: Tue 2025-11-25 08:00:00 UTC, exit status 3 after 2 s; 7 runs, 1 failed, 2 left out\n5 4 * * *  other\n  not run yet'
echo broken >/run/dcm/jobs.json
load --list
expect_status 0
rm /run/dcm/jobs.json

begin '--watch: a good edit is loaded, a bad one said once, a replaced mount explained'
dcm-cron-load --watch --interval 50ms --file "$table" 2>"$T/watch" &
watcher=$!
sees() { grep -qE -- "$1" "$T/watch"; }
is_installed() { [ "$(body)" = "$1" ]; }
wait_for 10 test -d "/proc/$watcher"
# what was there when it began to look counts as loaded
edit_until() { # TEXT CMD...: such a text in the file, again and again
  local text=$1 limit=$((SECONDS + 20))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$limit" ] || { fail "waited in vain for: $*"; return; }
    printf '%s\n' "$text" >"$table"
    sleep 0.3
  done
}
edit_until '0 1 * * * edited' is_installed '0 1 * * * edited'
printf '0 2 * * * replaced\n' >"$T/new"
mv "$T/new" "$table"
wait_for 20 is_installed '0 2 * * * replaced'
printf 'BAD\n' >"$table"
wait_for 20 sees "error: '$table' line 1: bad minute"
wait_for 20 sees 'jobs that were loaded before stay'
expect 'the old schedule' is_installed '0 2 * * * replaced'
rm "$table"
wait_for 20 sees "'$table' is gone; the jobs that are loaded stay"
expect 'said once' test "$(grep -c 'line 1: bad minute' "$T/watch")" = 1
printf '0 3 * * * linked\n' >"$T/a"
ln -s "$T/a" "$table"
wait_for 20 is_installed '0 3 * * * linked'
rm "$table"
: >"$table"
printf '0 4 * * * mounted\n' >"$T/host"
mount --bind "$T/host" "$table"
wait_for 20 is_installed '0 4 * * * mounted'
mv "$T/a" "$T/host"
wait_for 20 sees "'$table' was replaced on the host, and this container keeps the old file; restart the container"
kill "$watcher"
wait "$watcher"
status=$?
expect_status 143

begin 'loaded or checked by hand, a file that was replaced on the host is named as well'
for how in '' --check; do
  load $how
  expect_status 0
  expect_err_like "warning: '$table' was replaced on the host, and this container keeps the old file; restart the container"
done
umount "$table"

begin 'in a container that does not run as root: one clear line'
printf '* * * * * true\n' >"$T/readable"
chmod 755 "$T"
run setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs "$DCM_BIN/dcm-cron-load" --keep-going --file "$T/readable"
expect_status 0
expect_err "dcm-cron-load: not running as root, so cron cannot work; '$T/readable' is not loaded"
finish
