#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Root's maintenance scripts and a database that answers what it likes: nothing of it is run.
# shellcheck disable=SC2016
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
scripts=$DCM_SOURCE/scripts/maintenance
# bash runs what stands in the subscript of an arithmetic expression
payload="BASH_VERSINFO[\$(>$T/hit)0]"
export DCM4CHEE_HOME=$T/home A=$T/answers
volume=$T/home/server/default
mkdir -p "$volume"/{.dcm,deploy,conf,lib,log,archive/2026/11/24} "$T/bin" "$T/to" "$A"
: | tee "$volume/conf/a" >"$volume/lib/a"
chmod 711 "$T"
cat >"$volume/deploy/pacs-mysql-ds.xml" <<'E_DATASOURCE'
<datasources><local-tx-datasource><jndi-name>pacsDS</jndi-name><connection-url>jdbc:mysql://127.0.0.1:3306/pacsdb</connection-url>
<user-name>pacs</user-name><password>pacs</password></local-tx-datasource></datasources>
E_DATASOURCE
# the clients: what a statement is answered is in a file of that name
cat >"$T/bin/mariadb" <<'E_CLIENT'
#!/bin/bash
printf '%s\n' "$@" >"$A/arguments"
cat "${1#--defaults-file=}" >"$A/options"
said=$(cat)
case $said in
  *GROUP_CONCAT*) echo study,files,filesystem ;;
  *'CREATE DATABASE'*) echo 'ERROR 1044 (42000): no' >&2; exit 1 ;;
  *data_length*) cat "$A/size" ;;
  *table_name,\ 1*) cat "$A/objects" ;;
  *privilege_type*) echo 1 ;;
  *'FROM study), ('*) cat "$A/counts" ;;
  *fs.dirpath,\ COUNT*) cat "$A/directories" ;;
  *DATE_FORMAT*) cat "$A/months" ;;
  *'IFNULL(SUM(file_size), 0) FROM files'*) cat "$A/stored" ;;
  *MAX\(pk\)*) cat "$A/last" ;;
  *MIN\(pk\)*) cat "$A/first" ;;
  *f.pk\ \>*) cat "$A/rows" ;;
esac
E_CLIENT
cat >"$T/bin/mariadb-dump" <<'E_DUMP'
#!/bin/bash
printf '%s\n' 'CREATE TABLE `study` (a INT)' '-- Dump completed'
E_DUMP
printf '#!/bin/sh\nexit 1\n' >"$T/bin/mariadbd"
chmod +x "$T"/bin/*
PATH=$T/bin:$PATH
answer() { # NAME FIELD...
  local name=$1
  shift
  (IFS=$'\t' && printf '%s\n' "$*") >"$A/$name"
}
answer_well() {
  answer size 1 1000 0
  : >"$A/objects"
  answer counts 1 1 1 1
  answer directories archive 1 1000 1000 1
  answer months 2026-11 1 1000
  answer stored 1 1000
  answer last 1
  answer first 0
  answer rows 1 archive 2026/11/24/A - 5
}
refused() { # SCRIPT [OPTION...]
  run "$scripts/$1" "${@:2}"
  expect "$*: fails" test "$status" != 0
  expect "$*: nothing was run" test ! -e "$T/hit"
  expect_err_like 'where a number is expected stands'
  rm -f "$T/hit"
}

begin 'a database that answers well'
answer_well
run "$scripts/backup" --to "$T/to"
expect_status 0
run "$scripts/disk-usage" --percent 100 --days 0
expect_status 0
backup=$(find "$T/to" -mindepth 2 -maxdepth 2 -name '0*')
[ -n "$backup" ] || finish

begin 'the client sends no file, and takes no option for a name'
expect 'no file' grep -qx 'loose-local-infile=0' "$A/options"
expect 'the name' grep -qx -e '--database=pacsdb' "$A/arguments"

begin 'a file of 8T of nothing'
truncate -s 8T "$volume/conf/nothing"
run timeout 100 "$scripts/backup" --to "$T/to"
expect_status 0
rm "$volume/conf/nothing"

begin 'a name that has a line in it is one name'
tree=$T/lines/server/default/.dcm/restore-tree
mkdir -p "$tree/conf" "$tree/"$'lost+found\narchive' "$T/lines/server/default/archive"
: >"$T/lines/server/default/archive/image"
for what in place_tree set_aside_here; do
  run env DCM4CHEE_HOME="$T/lines" bash -c '. "$0/lib.sh"; . "$0/server.sh"; . "$0/restore-steps.sh"
    excluded=() kept_in=before-restore-1; mkdir -p "$volume/.dcm/$kept_in/.dcm"; in_directory "" "$1"' "$scripts" "$what"
  expect_status 0
  expect "$what: the images" test -e "$T/lines/server/default/archive/image"
done
expect 'set aside whole' test -d "$T/lines/server/default/.dcm/before-restore-1/"$'lost+found\narchive'

if [ "$(id -u)" = 0 ]; then
  begin 'what runs as the server knows no secret, and cannot stand still for ever'
  run env MYSQL_PASSWORD=secret TZ=UTC bash -c '. "$0/lib.sh"; . "$0/server.sh"; server_user=11112:11112; as_server env' "$scripts"
  expect_status 0
  expect 'no password' test "$(grep -c secret "$T/out")" = 0
  expect 'the time zone' grep -qx TZ=UTC "$T/out"
  run timeout 60 bash -c '. "$0/lib.sh"; . "$0/server.sh"; server_user=11112:11112 server_limit=1
    as_server sh -c "kill -STOP \$\$"' "$scripts"
  expect "an end, by force: $status" test "$status" = 137
fi

begin 'what is to be a number'
for row in 'directories archive 1 1000 P 1' 'directories archive P 1000 1 1' 'directories archive 1 P 1 1' 'months 2026-11 P 1' 'months 2026-11 1 P'; do
  # shellcheck disable=SC2086
  answer_well && answer ${row//P/$payload}
  refused disk-usage
done
for row in 'size P 1 0' 'size 1 P 0' 'stored P 1' 'stored 1 P' 'counts P 1 1 1' 'counts 1 1 1 P'; do
  for to in "$T/to" "$T/to$RANDOM"; do
    mkdir -p "$to"
    # shellcheck disable=SC2086
    answer_well && answer ${row//P/$payload}
    refused backup --to "$to"
  done
done
for row in 'last P' 'rows P archive a - 5'; do
  # shellcheck disable=SC2086
  answer_well && answer ${row//P/$payload}
  refused verify-archive
done

begin 'what is to be a kind of object'
answer_well
answer objects "$payload" name 1
run "$scripts/backup" --to "$T/to"
expect 'nothing was run' test ! -e "$T/hit"

begin 'a backup that another machine wrote'
answer_well
sed -i "s|^bytes=.*|bytes=$payload|" "$backup/CONTENTS"
(cd "$backup" && sha256sum CONTENTS -- *.zst >SHA256SUMS)
refused restore --prove "$backup"
finish
