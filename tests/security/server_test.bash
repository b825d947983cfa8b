#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody is in the server. What it can touch, read, learn and become, whatever it has written on its volume: as uid 11112, and
# as root without capabilities on an adopted volume.
# shellcheck source=tests/cli/harness.bash
. "$DCM_SOURCE/tests/cli/harness.bash"
[ "$(id -u)" = 0 ] || skip 'needs root'
if [ "${1-}" != in-namespace ]; then
  rm -rf "$T"
  unshare --mount --uts true 2>/dev/null || skip 'needs namespaces'
  exec unshare --mount --uts --propagation private bash "$0" in-namespace
fi
# What an attempt that succeeds would write is of this namespace, as is the name of the machine.
mkdir -p /etc/cron.d && mount -t tmpfs own /etc/cron.d && mount -t tmpfs own /usr/local/sbin
# Neither below /tmp, which is everybody's.
root=$(mktemp -d /var/lib/dcm-test.XXXXXX) || skip 'needs /var/lib'
trap 'umount -R "$root" 2>/dev/null; rm -rf "$root"' EXIT
mount -t tmpfs own "$root" && chmod 755 "$root" "$T"
home=$root/home server=$root/home/server/default run_dir=$root/run
mkdir -p "$home/bin" "$root/of-root" "$root/images" "$root/backups" "$run_dir"
mount -t tmpfs images "$root/images" && mount -t tmpfs backups "$root/backups"
mkdir "$root/storage" && mount -t tmpfs storage "$root/storage" && mkdir -p "$root/storage/2026" "$root/storage/pacsdb@db"
echo x >"$root/storage/pacsdb@db/.archive" && chmod 777 "$root/storage"
mkdir -p "$root/images/years" "$root/images/kept/pacsdb@db" && echo x >"$root/images/kept/pacsdb@db/.archive"
chmod 777 "$root/images" "$root/images/years" "$root/images/kept/pacsdb@db"
ln -s of-root "$root/link" && echo secret-of-root >"$root/of-root/secret" && echo secret-of-root >"$run_dir/env" && echo secret-of-root >"$root/backups/dump"
chmod 600 "$root/of-root/secret" "$run_dir/env" "$root/backups/dump"
printf '#!/bin/sh\nexit 0\n' >"$home/bin/java"
chmod 755 "$home/bin/java"
export PATH="$home/bin:$PATH" _DCM_BACKUP_DIR=$root/backups MYSQL_PASSWORD_FILE=$root/link/secret

# intruder BODY: what runs as the server; what it says is in $server/said.
intruder() {
  printf '%s\n' '#!/bin/sh' "exec >'$server/log/said' 2>/dev/null" 'id -u' "$1" 'exit 3' >"$home/bin/run.sh"
  chmod 755 "$home/bin/run.sh"
}
# volume UID: one that was filled for, or adopted as, that user, and that has been started once
volume() {
  rm -rf "$server"
  mkdir -p "$server/conf" "$server/deploy" "$server/log" "$server/tmp" "$server/data" "$server/archive" "$server/.dcm"
  echo '<datasources/>' >"$server/deploy/pacs-mysql-ds.xml"
  chown -R "$1:$1" "$server"
  local keeper=0
  [ "$1" != 0 ] || keeper=11114
  chown "$keeper:$1" "$server" && chmod 1775 "$server"
  printf '%s:%s settled\n' "$1" "$1" >"$server/.dcm/run-as"
  chown -R "$keeper:$keeper" "$server/.dcm" && chmod 700 "$server/.dcm" && chmod 600 "$server/.dcm/run-as"
}
start() {
  rm -f "$server/log/said"
  run timeout 60 dcm-start --home "$home" --run-dir "$run_dir"
}
said() { grep -qx -- "$1" "$server/log/said"; }
runs_as() {
  expect_status 3
  expect "runs as $1" test "$(head -n 1 "$server/log/said" 2>/dev/null)" = "$1"
}

begin 'it gets the variables that it needs, and no secret'
intruder 'env'
volume 11112
export JAVA_OPTS=-Dx=y TZ=Europe/Madrid LC_MESSAGES=C JBOSS_SOMETHING=1 MYSQL_PASSWORD=geheim1 SOME_TOKEN=geheim2 PLAIN=geheim3 WANTED=here ALSO=there
DCM_SERVER_ENV='WANTED, ALSO' start
runs_as 11112
for line in JAVA_OPTS=-Dx=y TZ=Europe/Madrid LC_MESSAGES=C JBOSS_SOMETHING=1 WANTED=here ALSO=there; do
  expect "has $line" said "$line"
done
expect 'no secret' test "$(grep -c geheim "$server/log/said")" = 0
expect 'nor where one is' test "$(grep -c MYSQL_ "$server/log/said")" = 0
unset JAVA_OPTS TZ LC_MESSAGES JBOSS_SOMETHING MYSQL_PASSWORD SOME_TOKEN PLAIN WANTED ALSO

begin 'its core is not written: it holds a password'
intruder 'ulimit -c'
volume 11112
(ulimit -c unlimited 2>/dev/null; start; exit "$status")
expect 'no core' said 0

# Somebody listens whom everybody may ask.
python3 -c 'import socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(50)
time.sleep(600)' "$root/socket" &
listener=$!
trap 'kill "$listener" && wait "$listener"; umount -R "$root" 2>/dev/null; rm -rf "$root"' EXIT
until [ -S "$root/socket" ] && chmod 777 "$root/socket"; do sleep 0.1; done

# The attempts of somebody who may be root.
attempts="try() { name=\$1; shift; if \"\$@\"; then echo \"\$name: done\"; else echo \"\$name: refused\"; fi; }
write() { echo x >\"\$1\"; }
try volume write $server/data/x
try top mkdir $server/wadocache-new
try tmp write /tmp/${root##*/}
try images write $root/images/years/x
try next-year mkdir $root/storage/2027
try kept write $root/images/kept/pacsdb@db/x
try kept-removed rm $root/images/kept/pacsdb@db/.archive
try null write /dev/null
try elsewhere write $root/of-root/new
try backups write $root/backups/new
try run write $run_dir/new
try cron write /etc/cron.d/dcm-test
try program write /usr/local/sbin/dcm-test
try own-home write $home/bin/new
try kernel write /proc/sys/kernel/hostname
try record write $server/.dcm/run-as
try record-rename mv $server/.dcm $server/.mine
read_it() { grep -q secret-of-root \"\$1\"; }
try read-secret read_it $root/of-root/secret
try read-env read_it $run_dir/env
try read-backup read_it $root/backups/dump
try read-shadow grep -q . /etc/shadow
try read-record grep -q . $server/.dcm/run-as
try passwd grep -q root /etc/passwd
try mode chmod 777 $root/of-root
try limit prlimit --pid \$PPID --nofile=99:99
connect() { python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"$root/socket\")'; }
try unix-socket connect
try tcp-socket python3 -c 'import socket; socket.socket(socket.AF_INET)'
try move mv $server/data/x $server/tmp/x"
for user in 11112 0; do
  begin "uid $user writes below its volume, in /tmp and on mounts for images, reads no secret, and nothing else"
  intruder "$attempts"
  volume "$user"
  start
  runs_as "$user"
  if grep -q 'the server is not confined' "$T/err"; then
    printf 'not tried: no Landlock here\n'
    continue
  fi
  expect_err_like "dcm-confine: warning: '$root/images/kept/pacsdb@db' holds backups: it is hidden from the server"
  for word in volume tmp images next-year null passwd move top tcp-socket; do
    expect "$word" said "$word: done"
  done
  for word in elsewhere backups kept kept-removed run cron program own-home kernel record record-rename read-secret read-env read-backup read-shadow \
    read-record mode limit unix-socket; do
    expect "$word" said "$word: refused"
  done
  rm -f "/tmp/${root##*/}" "$root/images/years/x" && rmdir "$root/storage/2027"
done

begin 'a forged .dcm makes nobody root'
intruder 'true'
volume 11112
mv "$server/.dcm" "$root/aside"
mkdir "$server/.dcm"
printf 'dcm-volume 1\nproduct dcm4chee\nversion 1\nmanifest x\norigin adopted\nheld -\n' >"$server/.dcm/marker"
printf '0:0 settled files\n' >"$server/.dcm/run-as"
chown -R 11112:11112 "$server/.dcm"
start
runs_as 11112
rm -rf "$server/.dcm" "$root/aside"

begin 'what lies on the volume makes nobody root once it is decided'
mkdir "$root/of-root/empty"
hour=$(date +%Y/%-m/%-d/%-H)
for level in archive "archive/$(date +%Y)" "archive/$(date +%Y/%-m)" "archive/$(date +%Y/%-m/%-d)" "archive/$hour" conf log data deploy; do
  for kind in link directory; do
    volume 11112
    mkdir -p "$server/${level%/*}"
    rm -rf "${server:?}/$level"
    if [ $kind = link ]; then
      ln -s "$root/of-root/empty" "$server/$level"
      chown -h 11112:11112 "$server/$level"
    else
      mkdir -p "$server/$level" && chown 0:0 "$server/$level" && chmod 755 "$server/$level"
    fi
    before=$(find "$root/of-root" -printf '%P %U:%G %m\n' | sort)
    start
    case $status$level in 3* | 77* | 2log) ;; *) expect_status 3 ;; esac
    [ "$status" = 77 ] || [ "$level" = log ] || expect "$level as a $kind" test "$(head -n 1 "$server/log/said" 2>/dev/null)" = 11112
    expect "$level as a $kind: root's own is left alone" test "$(find "$root/of-root" -printf '%P %U:%G %m\n' | sort)" = "$before"
  done
done

begin 'before it is decided, links are not looked through either'
volume 11112
printf '11112:11112 seeded\n' >"$server/.dcm/run-as"
mkdir -p "$server/archive/${hour%/*}" && chown -R 11112:11112 "$server/archive"
ln -s "$root/of-root/empty" "$server/archive/$hour" && chown -h 11112:11112 "$server/archive/$hour"
start
runs_as 11112
expect 'settled' grep -qx '11112:11112 settled' "$server/.dcm/run-as"

begin 'what is given away is given without a link, a second name or a mount'
volume 11112
ln "$root/of-root/secret" "$root/of-root/second"
mkdir "$server/data/sub" "$server/data/mounted"
ln -s "$root/of-root" "$server/data/sub/link"
mount -t tmpfs else "$server/data/mounted" && touch "$server/data/mounted/file"
touch "$root/home/server/hard" && ln "$root/home/server/hard" "$server/data/hard"
DCM_RUN_AS=2001:2002 start
expect_status 3
expect 'given' test "$(stat -c %u:%g "$server/data/sub")" = 2001:2002
expect 'not through a link' test "$(stat -c %u "$root/of-root" "$root/of-root/secret" | sort -u)" = 0
expect 'not what is mounted' test "$(stat -c %u "$server/data/mounted/file")" = 0
expect 'not a second name of a file of root' test "$(stat -c %u "$root/home/server/hard")" = 0
umount "$server/data/mounted"

begin 'a server that was root laid links: they give nothing away once it is another user'
intruder 'true'
for level in log wadocache-x archive; do
  volume 0
  rm -rf "${server:?}/$level" "$root/of-root/empty/"*
  chown 0:0 "$root/of-root/empty"
  [ $level = archive ] || touch "$root/of-root/empty/file"
  ln -s "$root/of-root/empty" "$server/$level"
  before=$(find "$root/of-root" -printf '%P %U:%G %m\n' | sort)
  DCM_RUN_AS=11112 start
  start
  expect "$level: root's own is left alone" test "$(find "$root/of-root" -printf '%P %U:%G %m\n' | sort)" = "$before"
  printf '11112:11112 settled\n' >"$server/.dcm/run-as" # as after a start that DCM_RUN_AS had decided
  chown -R 0:0 "$server/.dcm" && chown 0:11112 "$server" && chmod 1775 "$server"
  start
  expect "$level: nor is it later" test "$(find "$root/of-root" -printf '%P %U:%G %m\n' | sort)" = "$before"
done
rm -f "$root/of-root/empty/file"

for user in 11112 0; do
  begin "uid $user: its log leads dcm-start nowhere"
  intruder "ln -s $root/of-root/secret $server/log/server.log"
  volume "$user"
  start
  runs_as "$user"
  expect 'no secret is printed' test "$(cat "$T/out" "$T/err" | grep -c secret-of-root)" = 0
  start
  runs_as "$user"
  expect 'it is not kept' test -z "$(find "$server/log/" -name "server.log.*")"

  begin "uid $user: a link to .dcm gives nothing away, and keeps no start down"
  intruder "ln -s .dcm $server/wadocache-x"
  volume "$user"
  before=$(stat -c '%u:%g %a' "$server/.dcm")
  start
  start
  runs_as "$user"
  expect 'it is whose it was' test "$(stat -c '%u:%g %a' "$server/.dcm")" = "$before"

  begin "uid $user: what shuts itself out keeps no start down"
  intruder "mkdir -m 000 $server/wadocache-y"
  volume "$user"
  start
  start
  runs_as "$user"
  expect_err_like "warning: uid $user cannot use '$server/wadocache-y', which is its own, proceeding"
done
rm -f "$T/out"
finish
