#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody is in the server and has its user: uid 11112, or uid 0 without capabilities on a volume of the original image. What he lays
# on the volume is met by root at the next start. Nothing outside changes, nothing is read out, nobody gets more rights, and the volume
# comes up all the same, with one line that names what was found.
# shellcheck source=tests/cli/harness.bash
. "$DCM_SOURCE/tests/cli/harness.bash"
[ "$(id -u)" = 0 ] || skip 'needs root: uids and capabilities are real here'
setpriv --bounding-set -all --inh-caps -all true 2>/dev/null || skip 'cannot drop capabilities here'
chmod 755 "$T"
intruder() { setpriv --reuid 11112 --regid 11112 --clear-groups --bounding-set -all --inh-caps -all "$@" 2>/dev/null; }
powerless() { setpriv --bounding-set -all --inh-caps -all "$@" 2>/dev/null; }
no() { ! "$@"; }
# a start that hangs is a failure, too
seed() { run timeout 60 dcm-seed-volume "$@"; }
template=$T/image newer=$T/newer outside=$T/outside
mkdir -p "$template"/{conf,lib,deploy,log,data} "$outside/deep"
for i in 1 2 3; do echo "image $i" | tee "$template/lib/$i.jar" >"$template/conf/$i.xml"; done
cp -a "$template" "$newer"
for i in 1 2 3; do echo "newer $i" | tee "$newer/lib/$i.jar" >"$newer/conf/$i.xml"; done
mkdir "$newer/deploy/new.war" && echo page >"$newer/deploy/new.war/page"
dcm-seed-volume --make-manifest "$template" --image-version 1 --image-time 1000
dcm-seed-volume --make-manifest "$newer" --image-version 2 --image-time 2000
printf 'of root\n' | tee "$outside/secret" >"$outside/deep/secret"
chmod 600 "$outside/secret" "$outside/deep/secret"
outside_now() { find "$outside" -printf '%P %y %m %U:%G %s %T@\n' | sort; }
outside_now >"$T/outside.before"
untouched() { outside_now | diff "$T/outside.before" - >&2; }

# A volume that the toolkit filled for uid 11112; as an earlier version left it: everything 11112's, .dcm open.
filled() { # name
  rm -rf "${T:?}/$1" && mkdir "$T/$1"
  dcm-seed-volume --template "$template" --target "$T/$1" --run-as 11112:11112 2>"$T/ignored"
}
as_earlier() { # name owner
  rm "$T/$1/.dcm/run-as"
  chown "$2:$2" "$T/$1" && chmod 755 "$T/$1" "$T/$1/.dcm" && chmod 644 "$T/$1/.dcm"/* && chown -R 0:0 "$T/$1/.dcm"
}
# A volume of the original image, where all is root's.
original() { # name
  rm -rf "${T:?}/$1" && cp -a "$template" "$T/$1" && rm -r "$T/$1/.dcm"
}
forge() { # directory: what would make the next start run the server as root
  mkdir -p "$1" && printf 'dcm-volume 1\nproduct dcm4chee\nversion 1\nmanifest x\norigin adopted\nheld -\n' >"$1/marker"
  echo '0:0 settled files' >"$1/run-as"
}
export -f forge
export DCM_TEMPLATE=$newer

begin 'on a volume that is filled, .dcm cannot be entered, moved or replaced'
filled v
expect 'not entered' no intruder ls "$T/v/.dcm"
expect 'not read' no intruder cat "$T/v/.dcm/marker"
expect 'not moved' no intruder mv "$T/v/.dcm" "$T/v/x"
expect 'not removed' no intruder rm -rf "$T/v/.dcm"
expect 'the root is not his' no intruder chmod 777 "$T/v"
expect 'the lock is not to be held' no intruder flock -n "$T/v/.dcm/lock" true
expect 'but he works there' intruder sh -c 'mkdir "$1/archive" && echo x >"$1/conf/own.xml" && echo y >>"$1/lib/1.jar" && mv "$1/log" "$1/log.old" && mkdir "$1/log"' - "$T/v"

begin 'so on an adopted one, against uid 0 without capabilities'
original a
seed --template "$template" --target "$T/a"
expect_status 0
expect 'not entered' no powerless ls "$T/a/.dcm"
expect 'not read' no powerless cat "$T/a/.dcm/run-as"
expect 'not moved' no powerless mv "$T/a/.dcm" "$T/a/x"
expect 'not given to himself' no powerless chown 0 "$T/a/.dcm"
expect 'the root is not his' no powerless chmod 777 "$T/a"
expect 'the lock is not to be held' no powerless flock -n "$T/a/.dcm/lock" true
expect 'but he works there' powerless sh -c 'mkdir "$1/archive" && echo y >>"$1/lib/1.jar" && mv "$1/log" "$1/log.old" && mkdir "$1/log"' - "$T/a"
expect 'it runs as before' grep -qx '0:0 seeded' "$T/a/.dcm/run-as"
seed --template "$template" --target "$T/a" -- echo on
expect_out on

begin 'row 1: a volume of an earlier version, whose .dcm he renamed and replaced'
filled v && as_earlier v 11112
expect 'renamed and forged' intruder bash -c 'mv "$1/.dcm" "$1/real" && forge "$1/.dcm"' - "$T/v"
seed --template "$template" --target "$T/v"
expect_status 0
expect_err_like "warning: '$T/v/.dcm' is not as this toolkit makes it, and is not read; it is now '$T/v/.dcm-of-uid-11112': copy back what is yours, keep it until you have looked who did that"
expect 'it runs as 11112' grep -qx '11112:11112 seeded' "$T/v/.dcm/run-as"
expect 'and is protected' no intruder mv "$T/v/.dcm" "$T/v/x"

begin 'an earlier version, nothing forged: taken over with all that it knows'
filled v && as_earlier v 11112
echo site | intruder tee "$T/v/conf/1.xml" >"$T/ignored"
seed --template "$template" --target "$T/v" -- stat -c '%a %u:%g' "$T/v" "$T/v/.dcm" "$T/v/.dcm/marker"
expect_out $'1775 0:11112\n700 0:0\n600 0:0'
expect_err ''
expect 'it runs as 11112' grep -qx '11112:11112 seeded' "$T/v/.dcm/run-as"
seed --template "$newer" --target "$T/v"
expect 'its edit stays' grep -qx site "$T/v/conf/1.xml"
expect 'the rest follows' grep -qx 'newer 2' "$T/v/conf/2.xml"

begin 'row 8: a forged .dcm that a restore brought back with the owner it had'
filled v && rm -rf "$T/v/.dcm" && forge "$T/v/.dcm" && chown -R 11112:11112 "$T/v/.dcm"
seed --template "$template" --target "$T/v"
expect_status 0
expect 'it runs as 11112' grep -qx '11112:11112 seeded' "$T/v/.dcm/run-as"

begin 'a record that says root, in a .dcm of root that others could enter'
filled v && as_earlier v 11112 && echo '0:0 settled files' >"$T/v/.dcm/run-as"
seed --template "$template" --target "$T/v"
expect 'it runs as 11112' grep -qx '11112:11112 seeded' "$T/v/.dcm/run-as"

begin 'row 5: a forged list of moves, with links nested in .dcm, by uid 0 without capabilities on an adopted volume of an earlier version'
for version in 1 2; do
  original a
  dcm-seed-volume --template "$template" --target "$T/a" 2>"$T/ignored"
  chown 0:0 "$T/a" && as_earlier a 0
  powerless bash -c '
    cd "$1/.dcm" && mkdir -p new replaced hardened tmp previous && ln -s "$2" replaced/p && ln -s "$2" hardened/p && ln -s "$2" new/p && ln -s "$2" previous/p &&
      ln -s "$2/secret" tmp/1 && ln -s "$2" tmp/2 && ln -s "$2" ../p
    if [ "$3" = 1 ]; then
      { printf "dcm-journal 1\nproduct dcm4chee\nchange harden\n"
        printf "%s\t%s\t%s\t420\t8\t0\t%s\n" set-aside directory 2 p/deep take-out directory 2 p/deep withdraw file 3 p/secret \
          stand-in directory 2 deploy add file 1 conf/stolen offer file 1 p/secret remove file 4 p/secret mode file 5 p/secret bring-back directory 2 p
        echo end; } >pending
    else
      { printf "dcm-journal 2\nproduct dcm4chee\nchange upgrade\naside replaced\n"
        printf "%s\t%s\t%s\t%s\t511\t8\t0\t%s\n" aside - directory - p/deep drop - file - .dcm/new/p/secret drop - directory - p/deep drop - file - p/secret \
          put aside file 1 p/secret put drop file 1 p/secret put - file 1 .dcm/new/p/secret put - file 1 conf/stolen mode - file - p/secret mode - directory - p/deep
        echo end; } >pending
    fi' - "$T/a" "$outside" "$version"
  seed --template "$template" --target "$T/a"
  expect "status ($version)" test "$status" = 0
  expect "nothing outside ($version)" untouched
  expect "nothing read out ($version)" test ! -e "$T/a/conf/stolen" -o -L "$T/a/conf/stolen"
  expect "done with ($version)" test ! -e "$T/a/.dcm/pending"
done
for act in fly stand-in; do
  printf 'dcm-journal 2\nproduct dcm4chee\nchange fill\naside ../..\n%s\t-\tfile\t1\t420\t0\t0\t../x\nend\n' $act >"$T/a/.dcm/pending"
  seed --template "$template" --target "$T/a"
  expect_status 65
  expect_err_like "pending' is damaged or of a newer image"
done

begin 'what a restore is said to have begun, by somebody else'
for kind in link fifo forged; do
  original a
  dcm-seed-volume --template "$template" --target "$T/a" 2>"$T/ignored"
  chown 0:0 "$T/a" && as_earlier a 0
  # shellcheck disable=SC2016
  powerless bash -c 'case $1 in link) ln -s "$2" "$3" ;; fifo) mkfifo "$3" ;; *) printf "dcm-restore 1\nbackup x; reboot\nphase aside\n" >"$3" ;; esac' - $kind "$outside/secret" "$T/a/.dcm/restore"
  for again in first second; do
    seed --template "$template" --target "$T/a" -- echo on
    expect_status 0
    expect "it goes on ($kind, $again)" grep -qx on "$T/out"
  done
  expect "gone ($kind)" test ! -e "$T/a/.dcm/restore" -a ! -L "$T/a/.dcm/restore"
done

begin 'a root directory that somebody has opened again is closed by the next start'
filled v && chmod 0755 "$T/v"
seed --template "$template" --target "$T/v"
expect 'sticky again' test "$(stat -c '%a %u:%g' "$T/v")" = '1775 0:11112'
filled v && chown 11112 "$T/v"
seed --template "$template" --target "$T/v"
expect 'of root again' test "$(stat -c '%a %u:%g' "$T/v")" = '1775 0:11112'

begin 'a .dcm of somebody else with what was taken out, and a change that was not finished'
filled v && mkdir "$T/v/.dcm/hardened" "$T/v/.dcm/replaced" && echo x >"$T/v/.dcm/pending" && chown -R 11112 "$T/v/.dcm"
mv "$T/v/lib/1.jar" "$T/v/log"
seed --template "$template" --target "$T/v"
expect_status 78
expect_err "dcm-seed-volume: error: '$T/v/.dcm' is not as this toolkit makes it, holds a change that was not finished, and 'lib/1.jar' is missing; nothing was touched, restore the volume from a backup"
expect 'nothing was touched' test -e "$T/v/.dcm/pending"
mv "$T/v/log/1.jar" "$T/v/lib"
seed --template "$template" --target "$T/v"
expect_status 0
expect_err_like "it is now '$T/v/.dcm-of-uid-11112', with a change that was not finished: copy back what is yours \(hardened/ and replaced/\), keep it until you have looked who did that"

begin 'a rollback: not in the middle of a restore, nothing on a mount, .dcm protected'
filled v
dcm-seed-volume --template "$newer" --target "$T/v" 2>"$T/ignored"
printf 'dcm-restore 1\nbackup /backup/1\nphase aside\n' >"$T/v/.dcm/restore"
seed --template "$newer" --target "$T/v" --rollback
expect_status 75
expect 'nothing was changed' grep -qx 'newer 1' "$T/v/conf/1.xml"
rm "$T/v/.dcm/restore" && chmod 755 "$T/v" "$T/v/.dcm" && cp -a "$T/v/lib" "$T/mounted"
# shellcheck disable=SC2016
run unshare -m bash -c 'mount --bind "$2" "$1/v/lib" && exec timeout 60 dcm-seed-volume --template "$3" --target "$1/v" --rollback' - "$T" "$T/mounted" "$newer"
expect_status 0
expect 'taken back' grep -qx 'image 1' "$T/v/conf/1.xml"
expect 'the mount is as it was' grep -qx 'newer 1' "$T/mounted/1.jar"
expect 'and is no reason to offer something' test ! -e "$T/v/.dcm/new"
expect 'protected' test "$(stat -c %a "$T/v" "$T/v/.dcm" | tr '\n' ' ')" = '1775 700 '

begin 'links at every level of what an upgrade and its way back touch'
for link in lib conf deploy lib/1.jar conf/2.xml deploy/new.war; do
  filled v
  intruder bash -c 'rm -rf "$1"; ln -s "$2" "$1"' - "$T/v/$link" "$outside" || fail "cannot lay $link"
  seed --template "$newer" --target "$T/v"
  expect_status 0
  expect "nothing outside ($link)" untouched
  expect "the link is the site's ($link)" test -L "$T/v/$link"
  seed --target "$T/v" --verify
  seed --template "$newer" --target "$T/v" --rollback
  expect_status 0
  expect "nothing outside, back ($link)" untouched
  intruder rm "$T/v/$link" && intruder cp -a "$template/lib" "$T/v/$link"
done

begin 'row 10: FIFOs, devices, hard links, a sparse file, a link beside: nothing hangs, nothing is refused'
for kind in fifo device sparse link hard; do
  for way in filled original; do
    $way v
    rm "$T/v/lib/1.jar"
    case $kind in
      fifo) mkfifo "$T/v/lib/1.jar" ;;
      device) mknod "$T/v/lib/1.jar" c 1 5 ;;
      sparse) truncate -s 3G "$T/v/lib/1.jar" ;;
      link) ln -s "$outside/secret" "$T/v/lib/1.jar" && ln -s /etc "$T/v/wadocache-x" ;;
      hard) ln "$T/v/lib/2.jar" "$T/v/lib/1.jar" ;;
    esac
    for step in "--template $template" "--template $newer" '--verify' '--plan' '--rollback'; do
      # shellcheck disable=SC2086
      seed $step --target "$T/v"
      case "$step $status" in
        *' 0' | '--verify 65') ;;
        *) fail "$kind, $way, $step: $status, $(cat "$T/err")" ;;
      esac
    done
    expect "nothing outside ($kind)" untouched
  done
done

begin 'row 10: a marker of 3 GB, a FIFO, a link, in a .dcm that others could enter'
for kind in sparse fifo link; do
  original a
  dcm-seed-volume --template "$template" --target "$T/a" 2>"$T/ignored"
  chown 0:0 "$T/a" && as_earlier a 0 && rm "$T/a/.dcm/marker"
  case $kind in
    sparse) powerless truncate -s 3G "$T/a/.dcm/marker" ;;
    fifo) powerless mkfifo "$T/a/.dcm/marker" ;;
    link) powerless ln -s "$outside/secret" "$T/a/.dcm/marker" ;;
  esac
  run bash -c '[ -n "$DCM_SANITIZE" ] || ulimit -v 1000000; exec timeout 60 dcm-seed-volume --template "$1" --target "$2" -- echo on' - "$template" "$T/a"
  expect_status 0
  expect_out on
  expect_err_like "warning: '$T/a/.dcm' is not as this toolkit makes it"
  expect 'nothing outside' untouched
  rm -rf "$T/a"/.dcm-of-uid-*
done

begin 'row 10: the lock of an earlier version, held by him'
filled v && as_earlier v 11112 && chmod 666 "$T/v/.dcm/lock"
setpriv --reuid 11112 --regid 11112 --clear-groups flock -F "$T/v/.dcm/lock" sleep 100 &
holder=$!
wait_for 5 sh -c "! flock -n '$T/v/.dcm/lock' true"
seed --template "$template" --target "$T/v" --lock-timeout 1s
expect 'he is named, not waited for without end' test "$status" = 75
kill "$holder"
wait "$holder" 2>/dev/null
seed --template "$template" --target "$T/v"
expect_status 0
expect 'the next one he cannot open' no intruder flock -n "$T/v/.dcm/lock" true

begin 'what is mounted over a part of the volume is left alone, and so is what is mounted in .dcm'
# shellcheck disable=SC2016
run unshare -m bash -c '
  set -e
  rm -rf "$1/v" && mkdir "$1/v" && dcm-seed-volume --template "$2" --target "$1/v" --run-as 11112:11112
  mkdir -p "$1/v/.dcm/new/mounted" "$1/v/.dcm/tmp/deep" && mount --bind "$4" "$1/v/.dcm/tmp/deep" && mount --bind "$4" "$1/v/lib"
  timeout 60 dcm-seed-volume --template "$3" --target "$1/v" || echo "status $?"
  umount "$1/v/.dcm/tmp/deep"' - "$T" "$template" "$newer" "$outside"
expect_status 0
expect 'nothing outside' untouched

begin 'a file system that keeps no owners: read as the data of a stranger'
filled v && as_earlier v 11112 && chown -R 1000:1000 "$T/v" && echo '0:0 settled files' >"$T/v/.dcm/run-as"
run timeout 60 setpriv --bounding-set -chown --inh-caps -chown dcm-seed-volume --template "$newer" --target "$T/v" -- cat "$T/v/.dcm/run-as"
expect_status 0
expect_out '1000:1000 seeded'
expect 'no probe is left' test -z "$(find "$T/v" -maxdepth 1 -name '.dcm-owner-*')"
printf 'dcm-restore 1\nbackup /a/trap\nphase aside\n' >"$T/v/.dcm/restore"
run timeout 60 setpriv --bounding-set -chown --inh-caps -chown dcm-seed-volume --template "$newer" --target "$T/v"
expect_status 75
expect_err "dcm-seed-volume: error: a restore on '$T/v' has not finished (phase aside); go on with it by /opt/dcm/maintenance/restore and the backup's name; if nobody has begun one, remove '$T/v/.dcm/restore'"

filled filled
begin 'and so where that cannot be tried, the disk being full'
# shellcheck disable=SC2016
run unshare -m bash -c '
  mount -t tmpfs -o size=4m,nr_inodes=200 none "$1/v" && cp -a "$1/filled/." "$1/v" && chown -R 1000:1000 "$1/v"
  until ! mkdir "$1/v/log/$((++n))" 2>/dev/null; do :; done
  timeout 60 dcm-seed-volume --template "$2" --target "$1/v" -- ls -A "$1/v"' - "$T" "$template"
expect_err ''
expect_out $'.dcm\nconf\ndata\ndeploy\nlib\nlog'

begin 'root filled it, and the container does not run as root from now on'
filled v
run setpriv --reuid 11112 --regid 11112 --clear-groups timeout 60 dcm-seed-volume --template "$newer" --target "$T/v" -- echo on
expect_status 0
expect_out on
expect_err "dcm-seed-volume: warning: '$T/v/.dcm' is of root, and this is uid 11112: the volume is used as it is, without a lock and without upgrades; those need a start as root"
expect 'as it was' grep -qx 'image 1' "$T/v/conf/1.xml"
run setpriv --reuid 11112 --regid 11112 --clear-groups timeout 60 dcm-seed-volume --template "$newer" --target "$T/v" --plan
expect_status 0
rm -rf "${T:?}/v"/{conf,lib,deploy,log,data}
run setpriv --reuid 11112 --regid 11112 --clear-groups timeout 60 dcm-seed-volume --template "$newer" --target "$T/v" -- echo on
expect_status 77
expect_out ''
finish
