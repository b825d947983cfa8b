#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-seed-volume: fill, leave alone, adopt, refuse; nested mounts; crash at any moment; several at once.
# In memory: what is tried is the order of names, and each run ends in two syncfs.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
template=$T/home/server/default.dist
volume=$T/home/server/default
export DCM4CHEE_HOME=$T/home

make_template() {
  mkdir -p "$template"/{conf,deploy/x.war/WEB-INF,lib,log,data} || return
  printf 'a=1\r\n' >"$template/conf/run.properties"
  for i in $(seq 120); do head -c $((i * 50)) /dev/zero | tr '\0' x >"$template/lib/$i.jar"; done
  printf '<web/>' >"$template/deploy/x.war/WEB-INF/web.xml"
  printf 'odd' >"$template/conf/"$'odd \n name'
  : >"$template/conf/empty"
  ln -s ../conf/run.properties "$template/lib/link"
  chmod 750 "$template/data"
  chmod 640 "$template/conf/empty"
  touch -d '2016-01-02 03:04:05' "$template/conf/run.properties"
  dcm-seed-volume --make-manifest "$template" --image-version "$1"
}
# path, type, mode, size, mtime of files, content
fingerprint() {
  (cd "$1" && find . -path ./.dcm -prune -o \( -type f -printf '%P %y %m %s %T@\0' -o ! -name . -type d -printf '%P %y %m %T@\0' -o ! -name . -printf '%P %y %m %l\0' \) | sort -z | tr '\0' '\n'
    find . -path ./.dcm -prune -o -type f -print0 | sort -z | xargs -0 sha256sum) >"$T/fingerprint.$2"
}
same_as_template() {
  fingerprint "$template" template
  fingerprint "${1:-$volume}" volume
  diff "$T/fingerprint.template" "$T/fingerprint.volume" >&2
}
state_of() { find "$1" ! -path '*/.dcm/lock' -printf '%P %i %C@ %m %U\n' | sort; }

begin 'no template'
run dcm-seed-volume
expect_status 66
expect_err "dcm-seed-volume: error: no template in '$template': '$template/.dcm/identity' is missing; set DCM_TEMPLATE, or make it with dcm-seed-volume --make-manifest"
expect 'nothing made' test ! -e "$volume"

make_template 1.0
begin 'the plan for a target that is not there yet'
run dcm-seed-volume --plan --target "$T/not-there"
expect_status 0
expect 'every entry' test "$(wc -l <"$T/out")" = "$(($(wc -l <"$template/.dcm/manifest") - 1))"
expect 'nothing made' test ! -e "$T/not-there"

begin 'an empty volume is filled, with modes and times'
mkdir -p "$volume/lost+found"
run dcm-seed-volume
expect_status 0
expect_err_like "filled '$volume': 124 files"
rmdir "$volume/lost+found"
expect 'same tree' same_as_template
expect 'no leftovers' test "$(ls "$volume/.dcm" | tr '\n' ' ')" = 'lock manifest marker run-as '

begin 'a bar on a terminal'
run script -qec "dcm-seed-volume --target '$T/terminal'" /dev/null
expect_status 0
expect_out_like '\[\.{20}\] copying to .* of .*, 0 of 124 files'

begin 'a second run touches nothing and says nothing'
state_of "$volume" >"$T/before"
run dcm-seed-volume -- echo went on
expect_status 0
expect_out 'went on'
expect_err ''
state_of "$volume" >"$T/after"
expect 'untouched' cmp "$T/before" "$T/after"

begin 'edits and deletions of the site stay'
printf 'mine' >"$volume/conf/run.properties"
rm "$volume/lib/7.jar"
run dcm-seed-volume
expect_status 0
expect 'edit kept' grep -qx mine "$volume/conf/run.properties"
expect 'deletion kept' test ! -e "$volume/lib/7.jar"

begin 'an older image on a newer volume starts on it as it is, and says so'
sed -i 's/^version .*/version 1.10/; s/^manifest .*/manifest 0/' "$volume/.dcm/marker"
run dcm-seed-volume
expect_status 0
expect_err_like "warning: '$volume' follows image version 1.10 of .*, this one is 1.0 of .*; the volume is used as it is"
expect 'edit kept' grep -qx mine "$volume/conf/run.properties"

begin 'a volume of another product is refused untouched'
sed -i 's/^product .*/product other/' "$volume/.dcm/marker"
state_of "$volume" >"$T/before"
run dcm-seed-volume
expect_status 78
expect_err "dcm-seed-volume: error: '$volume' belongs to 'other', this image is 'dcm4chee'; nothing was touched, mount the volume that belongs here"
state_of "$volume" >"$T/after"
expect 'untouched' cmp "$T/before" "$T/after"
printf 'garbage' >"$volume/.dcm/marker"
run dcm-seed-volume
expect_status 78
expect_err_like "marker' is damaged"

begin 'two things to do at once, a report that cannot be written'
run dcm-seed-volume --rollback --plan
expect_status 64
expect_err 'dcm-seed-volume: error: --plan and --rollback do not go together; give one of them'
run sh -c 'dcm-seed-volume --target "$1" --plan >/dev/full' - "$T/not-there"
expect_status 74
expect_err 'dcm-seed-volume: error: cannot write the report: no space left on device'

begin 'the template is not a volume'
run dcm-seed-volume --target "$template/."
expect_status 78
expect_err "dcm-seed-volume: error: '$template' is the template itself; name the volume as --target"
expect 'no marker' test ! -e "$template/.dcm/marker"

begin 'a link in place of .dcm is not followed'
mkdir "$T/linked" "$T/outside" && ln -s ../outside "$T/linked/.dcm"
run dcm-seed-volume --target "$T/linked"
expect_status 0
expect_err_like "warning: '$T/linked/.dcm' is not as this toolkit makes it, and is not read; it is now '$T/linked/.dcm-of-uid-$(id -u)': copy back what is yours, keep it until you have looked who did that"
expect 'nothing written there' test -z "$(ls -A "$T/outside")"
rm "$T/linked/.dcm-of-uid-$(id -u)"
expect 'filled' same_as_template "$T/linked"

begin 'links in .dcm are not followed'
for name in lock new replaced; do
  rm -rf "$T/linked" && mkdir -p "$T/linked/.dcm" "$T/outside" && printf 'of somebody else\n' >"$T/outside/lock"
  ln -s "$T/outside$([ $name != lock ] || echo /lock)" "$T/linked/.dcm/$name"
  run dcm-seed-volume --target "$T/linked"
  expect_status 0
  expect_err_like "warning: removed '$T/linked/.dcm/$name', a link or the like, which nobody but an intruder or a mistake puts there"
  expect 'what it leads to is as before' test "$(find "$T/outside" -printf '%P ')$(cat "$T/outside/lock")" = ' lock of somebody else'
done

begin 'a stranger is refused untouched'
mkdir "$T/photos" && echo x >"$T/photos/beach.jpg"
state_of "$T/photos" >"$T/before"
run dcm-seed-volume --target "$T/photos"
expect_status 78
expect_err "dcm-seed-volume: error: '$T/photos' is neither empty (it holds 'beach.jpg') nor a dcm4chee tree; nothing was touched, mount an empty volume or the right one"
state_of "$T/photos" >"$T/after"
expect 'untouched' cmp "$T/before" "$T/after"
run dcm-seed-volume --target "$T/photos/beach.jpg"
expect_status 78

begin 'a volume of the original image is adopted as it is'
cp -a "$template" "$T/original" && rm -r "$T/original/.dcm" "$T/original/lib/1.jar" && echo site >"$T/original/conf/run.properties"
find "$T/original" -type f -printf '%P %i %T@\n' | sort >"$T/before"
run dcm-seed-volume --target "$T/original"
expect_status 0
expect_err_like 'adopted'
find "$T/original" -path '*/.dcm' -prune -o -type f -printf '%P %i %T@\n' | sort >"$T/after"
expect 'files untouched' cmp "$T/before" "$T/after"
run dcm-seed-volume --target "$T/original"
expect_err ''

begin 'what answers without a login is named at each start'
mkdir -p "$T/original/deploy/"{http-invoker.sar,jboss-web.deployer/ROOT.war/WEB-INF,management/console-mgr.sar/web-console.war/WEB-INF}
echo '<http-method>GET</http-method>' >"$T/original/deploy/management/console-mgr.sar/web-console.war/WEB-INF/web.xml"
for i in 1 2; do
  run dcm-seed-volume --target "$T/original"
  expect_status 0
  expect_err "dcm-seed-volume: warning: '$T/original' answers to anyone without a login at /invoker/ (runs what anyone sends), /status, /web-console/ (by HEAD and PUT); start once with DCM_ON_UPGRADE=merge, or remove 'deploy/http-invoker.sar' and 'deploy/jboss-web.deployer/ROOT.war/WEB-INF' and 'deploy/management'"
done
rm -r "$T/original/deploy/"{http-invoker.sar,jboss-web.deployer,management}

begin 'a damaged template changes nothing'
cp -a "$template" "$T/damaged" && echo >>"$T/damaged/.dcm/manifest"
run dcm-seed-volume --template "$T/damaged" --target "$T/new"
expect_status 65
expect 'nothing there' test -z "$(ls -A "$T/new")"

begin 'a target that is a link'
mkdir "$T/real" && ln -s real "$T/link"
run dcm-seed-volume --target "$T/link"
expect_status 0
expect 'same tree' same_as_template "$T/real"

begin 'killed at any moment, the next run completes it'
crash=$T/crash
for i in $(seq 30); do
  rm -rf "$crash" && mkdir "$crash"
  dcm-seed-volume --target "$crash" 2>/dev/null &
  pid=$!
  sleep "0.00$((RANDOM % 90 + 10))"
  kill -KILL "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  [ -e "$crash/.dcm/marker" ] && { same_as_template "$crash" || fail "marker before the files, round $i"; }
  run dcm-seed-volume --target "$crash"
  expect_status 0
  same_as_template "$crash" || fail "round $i differs"
done

begin 'eight at once: one works, all succeed'
mkdir "$T/many"
pids=()
for i in $(seq 8); do
  dcm-seed-volume --target "$T/many" 2>"$T/many.$i" &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || fail "one of eight failed: $(cat "$T"/many.*)"; done
expect 'one filled' test "$(cat "$T"/many.? | grep -c filled)" = 1
expect 'same tree' same_as_template "$T/many"

begin 'a holder is named, and waiting ends'
mkdir -p "$T/held/.dcm"
echo 'PID 7 on host nas' >"$T/held/.dcm/lock"
touch -d '2 hours ago' "$T/held/.dcm/lock"
flock -F "$T/held/.dcm/lock" sleep 60 &
holder=$!
wait_for 5 sh -c "! flock -n '$T/held/.dcm/lock' true"
run dcm-seed-volume --target "$T/held" --lock-timeout 100ms
expect_status 75
expect_err_like "dcm-seed-volume: '$T/held' is in use by PID 7 on host nas, for 2 h now; waiting until that ends"
expect_err_like 'gave up after 100 ms'
kill "$holder"
wait "$holder" 2>/dev/null

begin 'one server on a volume: the lock lives as long as what the command becomes, whoever ends it'
mkdir "$T/served"
dcm-seed-volume --target "$T/served" -- dcm-seed-volume --target "$T/served" -- sh -c 'echo "$_DCM_LOCK_FD" >"$1"; exec sleep 1000' - "$T/served.fd" 2>"$T/ignored" &
server=$!
wait_for 10 test -s "$T/served.fd"
expect 'it is inherited' test -e "/proc/$server/fd/$(cat "$T/served.fd")"
run dcm-seed-volume --target "$T/served"
expect_status 0
run dcm-seed-volume --target "$T/served" --lock-timeout 100ms -- true
expect_status 75
expect_err_like "dcm-seed-volume: '$T/served' is in use by PID $server on host [^ ]+(, container [0-9a-f]{12})?, for .* now; waiting until that ends"
dcm-seed-volume --target "$T/served" -- echo on >"$T/second" 2>"$T/second.err" &
second=$!
wait_for 10 grep -q 'is in use by' "$T/second.err"
expect 'it waits' test ! -s "$T/second"
kill -KILL "$server"
wait "$server" 2>/dev/null
wait "$second"
expect 'it went on' grep -qx on "$T/second"

if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
  begin 'nested mounts, files among them, are left alone'
  # shellcheck disable=SC2016
  run unshare -m bash -c '
    set -e
    mkdir -p "$1/nested/archive" "$1/store" "$1/nested/conf" && echo dicom >"$1/store/image"
    echo mounted >"$1/site.properties" && : >"$1/nested/conf/run.properties"
    mount --bind "$1/store" "$1/nested/archive"
    mount --bind "$1/site.properties" "$1/nested/conf/run.properties"
    dcm-seed-volume --target "$1/nested"
    cat "$1/nested/conf/run.properties" "$1/nested/archive/image"
    test -e "$1/nested/lib/9.jar"' - "$T"
  expect_status 0
  expect_out $'mounted\ndicom'

  begin 'a full disk is refused before the first byte, a read-only one too'
  # shellcheck disable=SC2016
  run unshare -m bash -c 'mkdir "$1/small" && mount -t tmpfs -o size=200k none "$1/small" && dcm-seed-volume --target "$1/small"; s=$?; ls -A "$1/small"; exit $s' - "$T"
  expect_status 69
  expect_out ''
  expect_err_like 'no room'
  # shellcheck disable=SC2016
  run unshare -m bash -c 'mkdir "$1/ro" && mount -t tmpfs -o ro none "$1/ro" && dcm-seed-volume --target "$1/ro"' - "$T"
  expect_status 77
  expect_err_like "mounted read-only; mount it without ':ro'"

  begin 'a full read-only volume goes on'
  # shellcheck disable=SC2016
  run unshare -m bash -c 'mount --bind "$1/real" "$1/real" && mount -o remount,bind,ro "$1/real" && dcm-seed-volume --target "$1/real" -- echo on' - "$T"
  expect_status 0
  expect_out 'on'
fi

begin 'a copy that the container engine made is checked once and completed'
dcm-seed-volume --make-manifest "$template" --image-version 1.0
cp -a "$template" "$T/image" && rm -r "$T/image/.dcm"
run dcm-seed-volume --prepare-image --target "$T/image"
expect_status 0
cp -a "$T/image" "$T/engine" && rm -r "$T/engine/lib/3.jar" "$T/engine/deploy/x.war" && echo half >"$T/engine/lib/9.jar"
run dcm-seed-volume --target "$T/engine"
expect_status 0
expect_err_like "checked the engine's copy"
expect_err_like "warning: replaced 'lib/9.jar' by the image's, an unfinished copy or an edit from before the first start; what stood there is in '$T/engine/.dcm/replaced'"
expect 'what stood there' grep -qx half "$T/engine/.dcm/replaced/lib/9.jar"
for directory in deploy lib; do touch -r "$template/$directory" "$T/engine/$directory"; done
expect 'same tree' same_as_template "$T/engine"
echo mine >"$T/engine/lib/9.jar"
run dcm-seed-volume --target "$T/engine"
expect_err ''
expect 'checked only once' grep -qx mine "$T/engine/lib/9.jar"

begin 'an upgrade: untouched follows, the site keeps its own'
site=$T/site
dcm-seed-volume --target "$site" 2>"$T/ignored"
echo site >"$site/conf/run.properties"
echo site >"$site/lib/5.jar"
rm "$site/lib/6.jar"
echo site >"$site/lib/20.jar"
mkdir -p "$site/data" && echo state >"$site/data/kept"
cp -a "$site" "$T/site.before"
newer=$T/newer
cp -a "$template" "$newer"
for i in 4 5 6; do echo "new $i" >"$newer/lib/$i.jar"; done
rm "$newer/lib/20.jar" "$newer/lib/21.jar"
mkdir "$newer/deploy/new.war" && echo new >"$newer/deploy/new.war/page"
dcm-seed-volume --make-manifest "$newer" --image-version 2.0
run dcm-seed-volume --template "$newer" --target "$site" --plan
expect_status 0
expect_err ''
expect_out 'add deploy/new.war (image)
add deploy/new.war/page (image)
keep-dropped lib/20.jar (image)
remove lib/21.jar (image)
replace lib/4.jar (image)
offer lib/5.jar (image)'
expect 'a plan changes nothing' diff -r "$T/site.before" "$site"
run dcm-seed-volume --template "$newer" --target "$site" --plan --log-format json
expect 'JSON lines' jq -es 'length == 6 and .[0].what == "add"' "$T/out" >"$T/ignored"
run dcm-seed-volume --template "$newer" --target "$site" --on-upgrade keep
expect_status 0
expect 'keep changes nothing' diff -r --exclude=lock "$T/site.before" "$site"
run dcm-seed-volume --template "$newer" --target "$site"
expect_status 0
expect_err_like "warning: kept the site's 'lib/5.jar'; the image's is '$site/.dcm/new/lib/5.jar'"
expect_err_like 'to image version 2.0 of .*: 2 added, 1 replaced, 1 removed; --rollback takes it back'
expect 'follows' grep -qx 'new 4' "$site/lib/4.jar"
expect 'kept' grep -qx site "$site/lib/5.jar"
expect 'offered' grep -qx 'new 5' "$site/.dcm/new/lib/5.jar"
expect 'deleted stays deleted' test ! -e "$site/lib/6.jar"
expect 'dropped and edited stays' grep -qx site "$site/lib/20.jar"
expect 'dropped and untouched goes' test ! -e "$site/lib/21.jar"
expect 'what goes is kept aside' cmp "$template/lib/21.jar" "$site/.dcm/previous/lib/21.jar"
expect 'state' grep -qx state "$site/data/kept"
run dcm-seed-volume --template "$newer" --target "$site"
expect_err ''

begin 'two versions at once, eight containers: it ends on the newer one'
mkdir "$T/two"
pids=()
for i in $(seq 8); do
  from=$template && [ $((i % 2)) = 0 ] && from=$newer
  dcm-seed-volume --template "$from" --target "$T/two" 2>"$T/two.$i" &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || fail "one of eight failed: $(cat "$T"/two.?)"; done
expect 'the newer tree' diff -r --exclude=.dcm "$newer" "$T/two"

begin 'a template that is not what its manifest says is never copied'
cp -a "$newer" "$T/changing" && echo longer >>"$T/changing/lib/99.jar"
mkdir "$T/from_changing"
run dcm-seed-volume --template "$T/changing" --target "$T/from_changing"
expect_status 65
expect_err "dcm-seed-volume: error: '$T/changing/lib/99.jar' is not what its manifest says; the image is damaged: pull or build it again"
expect 'nothing there' test -z "$(find "$T/from_changing" -name '*.jar')"

begin 'what our own commands write is no edit, what the site makes of it is'
mkdir "$T/own" "$T/own/server" && cp -a "$newer" "$T/own/server/default.dist"
printf '<datasources><local-tx-datasource><jndi-name>pacsDS</jndi-name><connection-url>jdbc:mysql://localhost:3306/pacsdb</connection-url><user-name>pacs</user-name><password>pacs</password></local-tx-datasource></datasources>' >"$T/own/server/default.dist/deploy/pacs-mysql-ds.xml"
dcm-seed-volume --make-manifest "$T/own/server/default.dist"
for password in one two; do
  run env DCM4CHEE_HOME="$T/own" MYSQL_PASSWORD=$password dcm-seed-volume -- dcm-configure-db
  expect_status 0
  run env DCM4CHEE_HOME="$T/own" dcm-seed-volume --verify
  expect_status 0
  expect_out ''
done
echo '<!-- mine -->' >>"$T/own/server/default/deploy/pacs-mysql-ds.xml"
run env DCM4CHEE_HOME="$T/own" MYSQL_PASSWORD=three dcm-configure-db
expect_status 0
run env DCM4CHEE_HOME="$T/own" dcm-seed-volume --verify
expect_status 65
expect_out 'edited deploy/pacs-mysql-ds.xml (config)'

begin 'a restore that has not finished keeps the archive from starting, by name'
run dcm-seed-volume --target "$T/restored"
for phase in database aside configuration; do
  printf 'dcm-restore 1\nbackup /backup/pacsdb@database/000042\nphase %s\n' "$phase" >"$T/restored/.dcm/restore"
  run dcm-seed-volume --target "$T/restored"
  expect_status 75
  expect_err "dcm-seed-volume: error: a restore on '$T/restored' has not finished (phase $phase); go on with it: /opt/dcm/maintenance/restore '/backup/pacsdb@database/000042'"
  run dcm-seed-volume --target "$T/restored" --plan
  expect_status 75
done
printf 'dcm-restore 1\nbackup /backup/pacsdb@database/000042\nphase done\n' >"$T/restored/.dcm/restore"
run dcm-seed-volume --target "$T/restored"
expect_status 0

begin '--verify tells the drift'
run dcm-seed-volume --target "$site" --verify
expect_status 65
expect_out 'edited conf/run.properties (config)
extra lib/20.jar (image)
edited lib/5.jar (image)
missing lib/6.jar (image)'

begin 'the old image on the upgraded volume, then --rollback, and it stays so'
run dcm-seed-volume --target "$site"
expect_status 0
expect_err_like 'warning'
echo since >"$site/deploy/new.war/page"
dcm-seed-volume --target "$site" -- sh -c ': >"$1"; exec sleep 1000' - "$T/held-by-a-server" 2>"$T/ignored" &
server=$!
wait_for 10 test -e "$T/held-by-a-server"
run dcm-seed-volume --target "$site" --rollback
expect_status 75
expect_err_like "error: '$site' is in use by PID $server on host .*; stop that container first, nothing was changed"
kill "$server"
wait "$server" 2>/dev/null
run dcm-seed-volume --target "$site" --rollback
expect_status 0
expect_err_like "warning: kept 'deploy/new.war/page': it was changed after the upgrade"
expect_err_like "took '$site' back from image version 2.0 of .* to 1.0 of "
expect 'changed since' grep -qx since "$site/deploy/new.war/page"
rm -r "$site/deploy/new.war"
expect 'as before' diff -r --exclude=.dcm "$T/site.before" "$site"
run dcm-seed-volume --template "$newer" --target "$site"
expect_status 0
expect_err_like 'that upgrade was taken back; --on-upgrade merge brings it again'
expect 'as before' diff -r --exclude=.dcm "$T/site.before" "$site"
run dcm-seed-volume --target "$site" --rollback
expect_status 78
expect_err "dcm-seed-volume: error: no upgrade of '$site' to take back; nothing was changed"
run dcm-seed-volume --template "$newer" --target "$site" --on-upgrade merge
expect_err_like 'to image version 2.0'

if [ "$(id -u)" = 0 ] && chmod 755 "$T" && setpriv --reuid 11112 --regid 11112 --clear-groups test -r "$DCM_BIN/dcm-seed-volume"; then
  begin 'a container that is not root, on what the engine copied from the image, and on a volume whose root is a group'"'"'s'
  cp -a "$template" "$T/readable" && chmod 644 "$T/readable/conf/empty" && dcm-seed-volume --make-manifest "$T/readable"
  cp -a "$T/readable" "$T/copied" && rm -r "$T/copied/.dcm" && dcm-seed-volume --template "$T/readable" --prepare-image --target "$T/copied"
  chown 11112:11112 "$T/copied" && chown -R 11112:11112 "$T/copied"/[a-z]*
  mkdir -m 2775 "$T/shared" && chown 0:11112 "$T/shared"
  for place in copied shared; do
    run setpriv --reuid 11112 --regid 11112 --clear-groups dcm-seed-volume --template "$T/readable" --target "$T/$place" -- stat -c %u:%a "$T/$place/.dcm"
    expect_status 0
    expect_out '11112:700'
    expect 'no warning' test "$(grep -c warning "$T/err")" = 0
    expect 'its record' grep -qx '11112:11112 seeded' "$T/$place/.dcm/run-as"
    rm -rf "$T/$place/.dcm-of-uid-0"
    diff -r --exclude=.dcm "$T/readable" "$T/$place" >&2 || fail "$place differs"
  done
fi

if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
  begin 'no room for an upgrade: everything as before, and the start goes on'
  # shellcheck disable=SC2016
  run unshare -m bash -c '
    mkdir "$1/tight" && mount -t tmpfs -o size=2m none "$1/tight" && dcm-seed-volume --target "$1/tight" 2>/dev/null
    head -c 10m /dev/zero >"$1/tight/filler" 2>/dev/null
    cp -a "$1/tight" "$1/tight.before"
    dcm-seed-volume --template "$1/newer" --target "$1/tight" -- diff -r --exclude=lock "$1/tight.before" "$1/tight"' - "$T"
  expect_status 0
  expect_out ''
  expect_err_like 'warning: the upgrade of .* is skipped, the volume is used as it is: no room'

  begin 'a fill belongs to the owner of the root'
  mkdir "$T/owned" && chown 1234:4321 "$T/owned"
  run dcm-seed-volume --target "$T/owned"
  expect_status 0
  expect 'all of one owner' test -z "$(find "$T/owned" -mindepth 1 -path '*/.dcm' -prune -o ! \( -uid 1234 -gid 4321 \) -print)"
  expect 'but for the root, and .dcm' test "$(stat -c '%a %u:%g' "$T/owned" "$T/owned/.dcm" | tr '\n' ' ')" = '1775 0:4321 700 0:0 '
  expect 'who runs the server' grep -qx '1234:4321 seeded' "$T/owned/.dcm/run-as"
fi
finish
