#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-seed-volume --harden on a made-up tree with the paths of the genuine one: levels, upgrades, what a site does, and
# ways in which a directory cannot simply be renamed.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
export DCM4CHEE_HOME=$T/home
template=$T/home/server/default.dist
volume=$T/home/server/default
root=deploy/jboss-web.deployer/ROOT.war
web=deploy/jboss-web.deployer/server.xml

make_template() {
  local path
  tail -n +2 "$DCM_SOURCE/image/dist/members.csv" | cut -d, -f4 | sed -n 's#^server/default/##p' | while IFS= read -r path; do
    mkdir -p "$template/$(dirname "$path")" && echo "$path" >"$template/$path"
  done
  # shellcheck disable=SC2016
  printf '<Server>\r\n <Connector port="8080" address="${jboss.bind.address}"\r\n protocol="HTTP/1.1"/>\r\n%s\r\n</Server>\r\n' \
    ' <Connector port="8009" address="${jboss.bind.address}" protocol="AJP/1.3"/>' >"$template/$web"
  chmod 640 "$template/deploy/http-invoker.sar/META-INF/jboss-service.xml"
  find "$template" -depth -exec touch -d '2009-03-04 05:06:07' {} +
  dcm-seed-volume --make-manifest "$template" --image-version 1.0
}
# everything below a directory: path, type, mode, owner, time of files, content
fingerprint() {
  (cd "$1" && find . \( -type d -printf '%P %y %m %U\n' -o -printf '%P %y %m %U %T@\n' \) | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum)
}
shut() { [ ! -e "$volume/deploy/http-invoker.sar" ] && [ "$(ls -A "$volume/$root")" = index.html ]; }

make_template
begin 'a new volume is hardened at once: what answers without a login is out, the console stays'
run dcm-seed-volume
expect_status 0
expect_err_like "hardened '$volume' \(basic\): took out 'deploy/http-invoker.sar', '$root', kept in '$volume/.dcm/hardened'; DCM_HARDEN=off brings it back"
expect 'shut' shut
expect 'console' test -e "$volume/deploy/jmx-console.war/WEB-INF/web.xml" -a -e "$volume/deploy/management"
expect 'a page' grep -q '<html>' "$volume/$root/index.html"
fingerprint "$template/deploy/http-invoker.sar" >"$T/pristine"
fingerprint "$volume/.dcm/hardened/deploy/http-invoker.sar" >"$T/kept"
expect 'kept byte for byte, mode and time' cmp "$T/pristine" "$T/kept"
run dcm-seed-volume --verify
expect_status 0
expect_out ''
run dcm-seed-volume
expect_err ''

begin 'full takes the consoles out too; the plan says so first'
run dcm-seed-volume --harden full --plan
expect_out 'take-out deploy/jmx-console.war (image)
take-out deploy/management (image)
stand-in deploy/jboss-web.deployer/server.xml (image)'
run env DCM_HARDEN=full dcm-seed-volume
expect_status 0
expect_err "dcm-seed-volume: hardened '$volume' (full): took out 'deploy/jmx-console.war', 'deploy/management', replaced '$web', kept in '$volume/.dcm/hardened'; DCM_HARDEN=off brings it back"
expect 'consoles' test ! -e "$volume/deploy/jmx-console.war" -a ! -e "$volume/deploy/management"
expect 'the web page has an address of its own, AJP loopback' cmp "$volume/$web" \
  <(sed 's/8080" address="[^"]*/8080" address="0.0.0.0/; s/8009" address="[^"]*/8009" address="127.0.0.1/' "$template/$web")
run dcm-seed-volume
expect_err ''
expect 'a start that says nothing about it opens nothing' test ! -e "$volume/deploy/jmx-console.war"

begin 'an upgrade reaches what is kept'
cp -a "$template" "$T/newer"
for file in deploy/http-invoker.sar/invoker.war/WEB-INF/web.xml "$root/WEB-INF/web.xml" deploy/jmx-console.war/index.jsp; do
  echo newer >>"$T/newer/$file"
done
mkdir "$T/newer/deploy/management/new.sar" && echo new >"$T/newer/deploy/management/new.sar/file"
echo mine >>"$volume/.dcm/hardened/deploy/jmx-console.war/index.jsp"
sed -i 's/8080/8081/' "$T/newer/$web"
dcm-seed-volume --make-manifest "$T/newer" --image-version 2.0
run dcm-seed-volume --template "$T/newer"
expect_status 0
expect_err_like "warning: kept the site's 'deploy/jmx-console.war/index.jsp'"
expect 'follows the image' grep -qx newer "$volume/.dcm/hardened/deploy/http-invoker.sar/invoker.war/WEB-INF/web.xml"
expect 'edited: kept' grep -qx mine "$volume/.dcm/hardened/deploy/jmx-console.war/index.jsp"
expect 'new parts stay out of reach' test ! -e "$volume/deploy/management" -a -e "$volume/.dcm/hardened/deploy/management/new.sar/file"
expect 'what stands in for the web server follows' grep -q 'port="8081" address="0.0.0.0"' "$volume/$web"
expect 'still shut' shut

begin 'off brings all back'
cp -a "$T/newer/deploy/jmx-console.war" "$T/console" && cp "$volume/.dcm/hardened/deploy/jmx-console.war/index.jsp" "$T/console/"
run dcm-seed-volume --template "$T/newer" --harden off
expect_status 0
expect_err "dcm-seed-volume: brought 'deploy/http-invoker.sar', '$root', 'deploy/jmx-console.war', 'deploy/management', '$web' back to '$volume', as DCM_HARDEN=off says"
expect 'the image, but for what the site edited' diff -r --exclude=index.jsp "$T/newer/deploy" "$volume/deploy"
expect 'its edit too' diff -r "$T/console" "$volume/deploy/jmx-console.war"
fingerprint "$T/newer/$root" >"$T/pristine"
fingerprint "$volume/$root" >"$T/back"
expect 'mode and time as well' cmp "$T/pristine" "$T/back"

begin 'the level of hardening is not the level of a log line'
run dcm-seed-volume --template "$T/newer" --harden basic --log-format json
expect 'both' test "$(jq -c '[.level, .harden]' "$T/err")" = '["info","basic"]'
dcm-seed-volume --template "$T/newer" --harden off 2>"$T/ignored"

begin "the site's start page stays the start page"
echo '<html>our hospital</html>' >"$volume/$root/index.html"
run dcm-seed-volume --template "$T/newer" --harden basic
expect 'shut' shut
expect 'its page' grep -q 'our hospital' "$volume/$root/index.html"
run dcm-seed-volume --template "$T/newer" --harden off
expect 'back' test -e "$volume/$root/WEB-INF/web.xml"
expect 'its page' grep -q 'our hospital' "$volume/$root/index.html"

begin "the site's own edit of what stands in for the web server stays, and is said"
dcm-seed-volume --template "$T/newer" --harden full 2>"$T/ignored"
sed -i 's/8081/80/' "$volume/$web"
run dcm-seed-volume --template "$T/newer" --verify
expect_status 65
expect_out_like "edited $web \(what hardening full put there\)"
run dcm-seed-volume --template "$T/newer" --restore "$web"
expect_status 78
expect_err_like "cannot restore '$volume/$web': the site has edited what hardening full put there; run --harden basic first"
cp -a "$T/newer" "$T/newest" && sed -i 's/8081/8082/' "$T/newest/$web"
dcm-seed-volume --make-manifest "$T/newest" --image-version 3.0
cp -a "$volume" "$T/edited"
run dcm-seed-volume --target "$T/edited" --template "$T/newest"
expect_status 0
expect_err_like "kept the site's '$web'; the image's is '$T/edited/.dcm/new/$web'"
expect 'its own' grep -q 'port="80"' "$T/edited/$web"
expect "the image's" grep -q 'port="8082"' "$T/edited/.dcm/new/$web"
run dcm-seed-volume --template "$T/newer" --harden off
expect_status 0
expect_err_like "kept the site's '$web'; what hardening had taken out is '$volume/.dcm/replaced/$web'"
expect 'its own' grep -q 'port="80" address="0.0.0.0"' "$volume/$web"
run dcm-seed-volume --template "$T/newer" --harden full --plan
expect 'nothing to detach' test -z "$(grep server.xml "$T/out")"
run dcm-seed-volume --template "$T/newer" --restore "$web"
expect_status 0
dcm-seed-volume --template "$T/newer" --harden full 2>"$T/ignored"
expect 'the same again' grep -q 'port="8081" address="0.0.0.0"' "$volume/$web"
dcm-seed-volume --template "$T/newer" --harden off 2>"$T/ignored"
expect 'as the image has it' cmp "$T/newer/$web" "$volume/$web"

begin 'what the site puts back by hand, or deletes, is left alone'
dcm-seed-volume --template "$T/newer" --harden basic 2>"$T/ignored"
cp -a "$volume/.dcm/hardened/deploy/http-invoker.sar" "$volume/deploy/" && echo own >"$volume/deploy/http-invoker.sar/own"
run dcm-seed-volume --template "$T/newer" --harden full
expect 'its own stays' test -e "$volume/deploy/http-invoker.sar/own"
run dcm-seed-volume --template "$T/newer" --verify
expect_status 65
expect_out_like 'open deploy/http-invoker.sar \(hardening full takes it out\)'
rm -r "$volume/.dcm/hardened/deploy/management"
run dcm-seed-volume --template "$T/newer" --harden off
expect_status 0
expect_err_like "kept the site's 'deploy/http-invoker.sar'; what hardening had taken out is '$volume/.dcm/replaced/deploy/http-invoker.sar'"
expect 'its own' test -e "$volume/deploy/http-invoker.sar/own"
expect 'deleted stays deleted' test ! -e "$volume/deploy/management"

begin 'a packed ROOT.war: what stands in for it is a directory that the server can enter'
cp -a "$template" "$T/packed" && rm -r "$T/packed/.dcm" "$T/packed/${root:?}" && echo packed >"$T/packed/$root" && chmod 644 "$T/packed/$root"
run dcm-seed-volume --target "$T/packed" --harden basic
expect 'mode' test "$(stat -c %a "$T/packed/$root")" = 755

begin 'a volume of the original image is left open, and that is said'
cp -a "$template" "$T/original" && rm -r "$T/original/.dcm"
run dcm-seed-volume --target "$T/original"
expect_status 0
expect_err_like "warning: '$T/original' answers to anyone without a login at /invoker/ \(runs what anyone sends\), /status; DCM_HARDEN=basic ends that"
expect 'open' test -e "$T/original/deploy/http-invoker.sar"
run dcm-seed-volume --target "$T/original"
expect_err ''
run dcm-seed-volume --target "$T/original" --harden basic
expect_err_like 'hardened'
expect 'shut' test ! -e "$T/original/deploy/http-invoker.sar"

begin 'a volume whose marker was lost stays as hardened as it is'
rm "$T/original/.dcm/marker"
run dcm-seed-volume --target "$T/original"
expect_status 0
expect_err "dcm-seed-volume: adopted '$T/original' as it is: a volume without a marker that holds a dcm4chee tree"
expect 'still shut' test ! -e "$T/original/deploy/http-invoker.sar"
expect 'known' grep -qx 'harden basic' "$T/original/.dcm/marker"

begin 'an older image on a newer volume hardens it as well'
run dcm-seed-volume --harden full
expect_status 0
expect_err_like 'warning: .* follows image version 2.0, this one is 1.0'
expect 'out' test ! -e "$volume/deploy/jmx-console.war"
expect 'and stays what it is' grep -qx 'version 2.0' "$volume/.dcm/marker"
run dcm-seed-volume --template "$T/newer" --rollback
expect_status 0
expect 'the upgrade is taken back, the hardening is not' test ! -e "$volume/deploy/jmx-console.war" -a ! -e "$volume/.dcm/hardened/deploy/management/new.sar"

begin 'values that are none'
run dcm-seed-volume --harden high
expect_status 64
run env DCM_HARDEN=high dcm-seed-volume
expect_status 78
expect_err_like 'DCM_HARDEN'

if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
  begin 'something mounted in a deployment keeps it where it is'
  # shellcheck disable=SC2016
  run unshare -m bash -c '
    mkdir "$1/mounted" && dcm-seed-volume --target "$1/mounted" 2>/dev/null && echo secured >"$1/web.xml"
    mount --bind "$1/web.xml" "$1/mounted/deploy/jmx-console.war/WEB-INF/web.xml"
    dcm-seed-volume --target "$1/mounted" --harden full && cat "$1/mounted/deploy/jmx-console.war/WEB-INF/web.xml"
    ls "$1/mounted/deploy" | grep -c management' - "$T"
  expect_out $'secured\n0'
  expect_err_like "warning: cannot take out 'deploy/jmx-console.war': something is mounted there, proceeding; /jmx-console/ answers until that mount is taken away"

  begin 'a container without a volume: the layer of an image cannot be renamed'
  cp -a "$template" "$T/lower" && rm -r "$T/lower/.dcm"
  dcm-seed-volume --prepare-image --target "$T/lower"
  mkdir "$T/upper" "$T/scratch" "$T/merged"
  # shellcheck disable=SC2016
  run unshare -m bash -c '
    mount -t tmpfs none "$1/scratch" && mkdir "$1/scratch/upper" "$1/scratch/work" &&
      mount -t overlay -o "lowerdir=$1/lower,upperdir=$1/scratch/upper,workdir=$1/scratch/work" none "$1/merged" || exit 99
    dcm-seed-volume --target "$1/merged" && ls -A "$1/merged/deploy/jboss-web.deployer/ROOT.war" && dcm-seed-volume --target "$1/merged" --verify &&
      dcm-seed-volume --target "$1/merged" --harden off && diff -r --exclude=.dcm "$1/lower" "$1/merged" && ls "$1/merged/.dcm"' - "$T"
  if [ "$status" != 99 ]; then
    expect_status 0
    expect_out $'index.html\nhardened\nlock\nmanifest\nmarker'
  fi

  begin 'a read-only volume that is to be hardened is used as it is'
  # shellcheck disable=SC2016
  run unshare -m bash -c 'mount --bind "$1/original" "$1/original" && mount -o remount,bind,ro "$1/original" && dcm-seed-volume --target "$1/original" --harden full -- echo on' - "$T"
  expect_status 0
  expect_out on
  expect_err_like "warning: the hardening of '$T/original' is skipped"
fi
finish
