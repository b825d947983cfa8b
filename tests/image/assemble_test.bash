#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# image/assemble on a made-up distribution of the real one's shape.
set -u
for tool in python3 zip; do
  command -v "$tool" >/dev/null || { printf 'skipped: needs %s\n' "$tool"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/image/made_up_dist.bash
. "$DCM_SOURCE/tests/image/made_up_dist.bash"
fail() { printf 'FAILED: %s\n' "$*"; cat "$work/out" "$work/err"; exit 1; }
run() { # expected status, options
  local expected=$1 actual=0
  shift
  rm -rf "${work:?}/home"
  env -i PATH="$PATH" DCM_DRIVER_SHA256="$driver_sha256" "$DCM_SOURCE/image/assemble" "$work/dist" "$work/home" \
    --members "$work/members.csv" --jsp-compiler "$work/eclipse-ecj.jar" "$@" >"$work/out" 2>"$work/err" || actual=$?
  [ "$actual" -eq "$expected" ] || fail "assemble $*: status $actual, expected $expected"
}
said() { grep -F -- "$1" "$work/err" >/dev/null || fail "not said: $1"; }

made_up_dist "$work"
printf 'reads Java 8' >"$work/eclipse-ecj-3.16.0.jar"
ln -s eclipse-ecj-3.16.0.jar "$work/eclipse-ecj.jar"
run 0
[ ! -s "$work/err" ] || fail "a genuine tree must assemble in silence"
tree=$work/home/server/default.dist
cmp "$work/jboss/jboss-4.2.3.GA/lib/log4j-boot.jar" "$work/home/lib/log4j-boot.jar" || fail "JBoss's part is missing"
cmp "$work/jboss/jboss-4.2.3.GA/server/all/lib/moved.jar" "$tree/lib/moved.jar" || fail "a part that moves was not found by content"
[ "$(stat -c %a "$work/home/bin/run.sh")" = 755 ] || fail "run.sh is not executable"
for file in deploy/weasis.war deploy/dcm4chee-web-weasis.jar 'data/xmbean-attrs/dcm4chee.web@3Aservice@3DWebConfig.xml'; do
  [ -s "$tree/$file" ] || fail "$file is not there"
done
python3 -c 'import sys, xml.dom.minidom as m; a = m.parse(sys.argv[1]).documentElement
assert a.getAttribute("id") == "dcm4chee.web:service=WebConfig"
assert [e.firstChild.data for e in a.getElementsByTagName("attribute")] == ["weasis", "weasis:/weasis-pacs-connector/weasis"]' \
  "$tree/data/xmbean-attrs/dcm4chee.web@3Aservice@3DWebConfig.xml" || fail "the WebConfig attributes are wrong"
grep -Fx 'reads Java 8' "$tree/deploy/jboss-web.deployer/jasper-jdt.jar" >/dev/null || fail "the JSP compiler is the old one"

# what answers without a login is not there, and nothing else of those files is touched
[ ! -e "$tree/deploy/http-invoker.sar" ] || fail "http-invoker.sar is there"
[ "$(cd "$tree/deploy/jboss-web.deployer/ROOT.war" && find . -type f)" = ./index.html ] || fail "ROOT.war is not one page"
page=$tree/deploy/jboss-web.deployer/ROOT.war/index.html
links() { grep -oE '(href|action)="[^"]*"|data-needs' "$page" | cut -d'"' -f2 | paste -sd' '; }
[ "$(links)" = '/dcm4chee-web3/ /weasis-pacs-connector/weasis' ] || fail "the page at / has the links $(links); jmx-console is not deployed"
changes() { diff "$work/tree/server/default/deploy/$1" "$tree/deploy/$1" | grep '^[<>]'; }
# shellcheck disable=SC2016
[ "$(changes jboss-web.deployer/server.xml)" = '<     <Connector port="8080" address="${jboss.bind.address}"
>     <Connector port="8080" address="0.0.0.0"
<     <Connector port="8009" address="${jboss.bind.address}" protocol="AJP/1.3"/>
>     <Connector port="8009" address="127.0.0.1" protocol="AJP/1.3"/>' ] || fail "server.xml: $(changes jboss-web.deployer/server.xml)"
[ "$(changes management/console-mgr.sar/web-console.war/WEB-INF/web.xml)" = '<    <http-method>GET</http-method>
<    <http-method>POST</http-method>' ] || fail "web-console lets methods pass"
[ "$(changes pacs-mysql-ds.xml | tr -d '\r')" = '<     <connection-url>jdbc:mysql://localhost:3306/pacsdb</connection-url>
>     <connection-url>jdbc:mysql://localhost:3306/pacsdb?connectTimeout=3000</connection-url>' ] || fail "the datasource: $(changes pacs-mysql-ds.xml)"
[ ! -e "$work/home.assembling" ] || fail "the work directory stays"
find "$work/home" -type f -printf '%P %m ' -exec sha256sum {} \; | sed 's, /.*,,' | sort >"$work/first"

run 0
find "$work/home" -type f -printf '%P %m ' -exec sha256sum {} \; | sed 's, /.*,,' | sort | cmp - "$work/first" ||
  fail "the same inputs must give the same tree"

run 0 --original
diff -r "$work/tree" "$work/home" --exclude server --exclude client || fail "not as distributed"
[ "$(diff -r "$work/tree/server/default" "$tree")" = "Only in $tree/deploy: dcm4chee-web-ear-3.0.7-mysql.ear" ] || fail "server/default is not as distributed"

run 0 --connector
grep -F 'JDBC30GeneratedKeysCreateCommand' "$tree/conf/standardjbosscmp-jdbc.xml" >/dev/null || fail "the entity command is not edited"
[ "$(diff <(unzip -p "$work/dist/dcm4chee-2.18.3-mysql.zip" '*/standardjbosscmp-jdbc.xml') "$tree/conf/standardjbosscmp-jdbc.xml" | grep -c '^>')" = 1 ] ||
  fail "more than one line was edited"
[ "$(cd "$tree/lib" && echo mysql-connector-java-*)" = mysql-connector-java-5.1.49.jar ] || fail "the old driver stays beside the new one"
driver_sha256=$(printf 'other' | sha256sum | cut -d' ' -f1)
run 65 --connector
said 'sha256 is'
[ ! -e "$work/home" ] || fail "a failed assembly must leave nothing"
driver_sha256=$(driver_sum)

# an extra file warns, a single-copy mismatch warns
add_to dcm4chee-2.18.3-mysql server/default/deploy/extra.sar extra
add_to dcm4chee-2.18.3-mysql bin/editgpwl.jar 'another build'
run 0
said "warning: 'server/default/deploy/extra.sar' is not in the member list"
said "warning: 'bin/editgpwl.jar': sha256 is"

made_up_dist "$work"
add_to dcm4chee-2.18.3-mysql server/default/lib/dcm4chee.jar tampered
run 65
said "error: 'server/default/lib/dcm4chee.jar': sha256 is $(printf tampered | sha256sum | cut -d' ' -f1), expected"
[ ! -e "$work/home" ] || fail "a failed assembly must leave nothing"

made_up_dist "$work"
zip -qd "$work/dist/dcm4chee-2.18.3-mysql.zip" '*/dcm4chee.jar'
run 65
said "error: 'server/default/lib/dcm4chee.jar': absent"

made_up_dist "$work"
printf 'x' >>"$work/dist/libclib_jiio-1.2-b04-linux-x86-64.so"
run 65
said "error: 'bin/native/libclib_jiio.so': sha256 is"

made_up_dist "$work"
truncate -s -200 "$work/dist/jboss-4.2.3.GA.zip"
run 66
said "cannot unpack '$work/dist/jboss-4.2.3.GA.zip'"

rm "$work/dist/dcm4chee-2.18.3-mysql.zip"
run 66
made_up_dist "$work"
rm "$work/dist/weasis.war"
run 66
said 'weasis.war'

# another compiler than the one that was tried, and none
made_up_dist "$work"
mv "$work/eclipse-ecj-3.16.0.jar" "$work/eclipse-ecj-4.16.0.jar"
run 66
said "cannot copy '$work/eclipse-ecj.jar'"
ln -sf eclipse-ecj-4.16.0.jar "$work/eclipse-ecj.jar"
run 65
said "is eclipse-ecj-4.16.0.jar; only 3.16"
echo passed
