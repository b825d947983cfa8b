#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Coming from the original image: a volume without a marker, owned by root, its datasource edited by sed, the archive nested in it;
# check --migrate tells what will happen, the chain starts on it, and the image that was there is found.
# shellcheck disable=SC2119,SC2317
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$here/lib/mariadb.bash"
# shellcheck source=tests/lib/dicom.bash
. "$here/lib/dicom.bash"
# shellcheck source=tests/lib/chain.bash
. "$here/lib/chain.bash"
chain_needs
trap chain_cleanup EXIT
tool=$DCM_SOURCE/scripts/maintenance/check
chain_prepare || exit 1

begin 'a volume in the state in which the original leaves it'
chain_start
wait_for 60 chain_ready
dicom_make "$T/one.dcm" 'OLD^IMAGE' 2.25.1
run dicom_store "$chain_dicom_port" "$T/one.dcm"
expect_status 0
chain_stop
rm -rf "$chain_volume/.dcm"
chown -R 0:0 "$chain_volume"
password='a&b|c/d'
mariadb_create sandbox sandbox "$password"
printf '%s' "$password" >"$T/password"
run env DCM4CHEE_HOME="$chain_home" dcm-configure-db --password-file "$T/password" --no-connection-checker
expect_status 0
rm -rf "$chain_volume/.dcm"
printf 'edited by the site\n' >>"$chain_volume/conf/sandbox.properties"
printf '0 4 * * *    pkill -15 java > /proc/1/fd/1 2>/proc/1/fd/2\n' >"$T/old_crontab"
find "$chain_volume" -printf '%p %i %T@ %m %u\n' | sort >"$T/before"

migrate() {
  run env DCM4CHEE_HOME="$chain_home" _DCM_CRONTAB_FILE="$T/old_crontab" "$@"
}

# as the one of Java 8 says
mkdir "$T/bin"
cat >"$T/bin/java" <<'E_JAVA'
#!/bin/sh
case "$*" in
  *UseCompressedStrings*) printf 'Error: Could not create the Java Virtual Machine.\nUnrecognized VM option %s\n' "'UseCompressedStrings'" >&2; exit 1 ;;
  *MaxPermSize*) echo 'OpenJDK 64-Bit Server VM warning: ignoring option MaxPermSize=128m; support was removed in 8.0' >&2 ;;
esac
E_JAVA
chmod +x "$T/bin/java"

begin 'what it says, without changing anything'
# shellcheck disable=SC2016
migrate MYSQL_PASSWORD='a\&amp;b\|c\/d' JAVA_OPTS='-XX:MaxPermSize=128m' PATH="$T/bin:$PATH" "$tool" --migrate
expect_status 69
expect_out_like 'ok +volume +will be adopted: no file of it is overwritten. The image has [1-9][0-9]* files that it lacks or has otherwise'
expect_out_like 'ok +archive +the DICOM files belong to root \(0:0\)'
expect_out_like "error +login +MYSQL_PASSWORD is escaped for the original's sed"
expect_out_like 'warning +crontab +a line kills java'
expect_out_like 'ok +crontab +> /proc/1/fd/1 works'
expect_out_like "warning +java +the image.s Java ignores MaxPermSize=128m; take it out"
expect_out_like 'unknown +tls .*TLS 1\.0 and 1\.1'
expect 'nothing changed' diff "$T/before" <(find "$chain_volume" -printf '%p %i %T@ %m %u\n' | sort)

begin 'options that end the JVM are an error'
migrate MYSQL_PASSWORD="$password" JAVA_OPTS='-Xmx512m -XX:+UseCompressedStrings' PATH="$T/bin:$PATH" "$tool" --migrate
expect_status 69
expect_out_like "error +java +the image's Java does not start with these options: Unrecognized VM option 'UseCompressedStrings'; correct JAVA_OPTS"

begin 'the password as it is: nothing to fix'
migrate MYSQL_PASSWORD="$password" "$tool" --migrate --json
expect_status 0
expect 'JSON' jq -e '.errors == 0 and all(.findings[]; .state != "error")' "$T/out" >/dev/null
migrate MYSQL_PASSWORD="another" "$tool" --migrate
expect_status 0
expect_out_like 'warning +login +the start will change the datasource'

begin 'the chain starts on it; the image is found, the edits stay, owners too'
chain_start MYSQL_PASSWORD="$password"
wait_for 60 chain_ready
expect 'found' test "$(dicom_find "$chain_dicom_port" 'OLD^IMAGE')" = 2.25.1
expect 'edit' grep -qx 'edited by the site' "$chain_volume/conf/sandbox.properties"
expect 'owners' test "$(find "$chain_volume/archive" -type f ! -user 0 | wc -l)" = 0
expect 'adopted' grep -qx 'origin adopted' "$chain_volume/.dcm/marker"
chain_stop
finish
