#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# support-bundle with secrets planted everywhere they can be: not one of them, in any form, leaves the house.
# shellcheck disable=SC2119,SC2317,SC2016
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
tool=$DCM_SOURCE/scripts/maintenance/support-bundle
export DCM4CHEE_HOME=$T/home
volume=$T/home/server/default
mkdir -p "$volume"/{deploy,conf,log,data/xmbean-attrs,.dcm} "$T/out.d"

begin 'usage'
run env -i PATH="$PATH" "$tool" --help
expect_status 0
run "$tool" --lines all
expect_status 64
run "$tool" --to "$T/none"
expect_status 74

# in the environment, in a secret's file, in files of the configuration, in a crontab, in URLs, in logs, escaped in all ways
declare -A secret=([env]='En&v<s>e"c'\''r$e t\1' [file]='file-secret-Ñ+/=' [ds]='d&s<pass' [ldap]='ldapSecret1' [jms]='jmsSecret2'
    [cron]='cronSecret3' [url]='urlSecret4' [token]='tok-SECRET5' [log]='loggedSecret6')
printf '%s\n' "${secret[file]}" >"$T/password"
printf '<datasources><local-tx-datasource><user-name>pacs</user-name><password>d&amp;s&lt;pass</password></local-tx-datasource></datasources>\n' >"$volume/deploy/pacs-mysql-ds.xml"
printf '<attribute-list><attribute name="LdapPassword" type="java.lang.String">%s</attribute></attribute-list>\n' "${secret[ldap]}" >"$volume/data/xmbean-attrs/x.xml"
printf 'jms.password = %s\n' "${secret[jms]}" >"$volume/conf/jms.properties"
printf '0 1 * * * MYSQL_PWD=%s mysqldump pacsdb >/x; curl ftp://me:%s@host/\n' "${secret[cron]}" "${secret[url]}" >"$T/crontab_file"
b64=$(printf '%s' "${secret[env]}" | base64 -w 0)
{
  printf 'INFO plain %s\n' "${secret[env]}" "${secret[file]}" "${secret[ds]}" "${secret[ldap]}" "${secret[jms]}" "${secret[token]}"
  printf 'INFO xml En&amp;v&lt;s&gt;e"c'\''r$e t\\1 and base64 %s\n' "$b64"
  printf 'INFO jdbc:mysql://h/d?user=x&password=%s&y=1\n' "${secret[log]}"
  printf 'INFO file-secret-%%C3%%91%%2B%%2F%%3D url\n'
  printf '(0010,0010) PN #8 *1 [DOE^JANE] //Patient\n(0010,0030) DA #8 *1 [19500101] //\nINFO stored 1.2.3\n'
} >"$volume/log/server.log"
export MYSQL_PASSWORD=${secret[env]} MYSQL_ROOT_PASSWORD_FILE=$T/password SOME_API_TOKEN=${secret[token]} DCM_CRONTAB_FILE=$T/crontab_file MYSQL_HOST=127.0.0.9

begin 'a dry run writes nothing'
run "$tool" --to "$T/out.d" --dry-run
expect_status 0
expect_out_like $'\n''support-bundle: would write [0-9]+ files to '
expect 'empty' test -z "$(ls -A "$T/out.d")"

begin 'no secret, in any form, and no name of a patient'
run "$tool" --to "$T/out.d"
expect_status 0
expect_out_like "^support-bundle: '$T/out.d/dcm-support-.*\.tar\.gz'"
expect 'only for its owner' test "$(stat -c %a "$T"/out.d/*.tar.gz)" = 600
tar -C "$T/out.d" -xzf "$T"/out.d/*.tar.gz
for name in "${!secret[@]}"; do
  expect "$name" test "$(cat "$T"/out.d/dcm-support-*/* | grep -cF -e "${secret[$name]}")" = 0
done
for form in 'En&amp;v' 'd&amp;s' "$b64" 'file-secret' 'DOE^JANE' 19500101; do
  expect "$form" test "$(cat "$T"/out.d/dcm-support-*/* | grep -cF -e "$form")" = 0
done

begin 'what helps is there'
bundle=$(echo "$T"/out.d/dcm-support-*T??????)
for file in versions settings-of-the-environment datasource status volume-differences check crontab machine processes log.server.log; do
  expect "$file" test -s "$bundle/$file"
done
expect 'setting' grep -q '^MYSQL_HOST=127.0.0.9' "$bundle/settings-of-the-environment"
expect 'that a password is set' grep -qx 'MYSQL_PASSWORD=\*\*\*' "$bundle/settings-of-the-environment"
expect 'the log around it' grep -q 'INFO stored 1.2.3' "$bundle/log.server.log"
expect 'datasource' grep -q '<password>\*\*\*</password>' "$bundle/datasource"

begin 'without logs'
rm -rf "$T"/out.d/*
run "$tool" --to "$T/out.d" --lines 0
expect_status 0
expect 'none' test "$(tar -tzf "$T"/out.d/*.tar.gz | grep -c log\\.)" = 0
finish
