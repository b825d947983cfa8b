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
cat >"$T/old.yml" <<'E_COMPOSE'
version: '2'
services:
  pacs:
    image: example/dcm4chee:mysql
    volumes:
      - dcm4chee:/opt/dcm4chee/server/default
      - "/data/archive:/opt/dcm4chee/server/default/archive:rw"   # the big disk
      - ./crontab_file:/crontab_file
      - ./scripts:/scripts:ro
      # - ./never:/opt/dcm4chee/server/default
    ports:
      - "8081:8080"
      - 104:11112
    environment:
      MYSQL_HOST: mysql
      MYSQL_DATABASE: pacsdb
      MYSQL_PASSWORD: "secret"
      TZ: Europe/Madrid
  mysql:
    image: mysql:5.6
    volumes:
      - type: volume
        source: mysql
        target: /var/lib/mysql
volumes:
  dcm4chee: {}
  mysql:
E_COMPOSE
find "$chain_volume" -printf '%p %i %T@ %m %u\n' | sort >"$T/before"

migrate() {
  run env DCM4CHEE_HOME="$chain_home" DCM_CRONTAB_FILE="$T/old_crontab" "$@"
}

begin 'what it says, without changing anything'
# shellcheck disable=SC2016
migrate MYSQL_PASSWORD='a\&amp;b\|c\/d' JAVA_OPTS='-XX:MaxPermSize=128m' "$tool" --migrate --compose "$T/old.yml" --project pacs
expect_status 69
expect_out_like 'ok +volume +will be adopted: no file of it is overwritten. The image has [1-9][0-9]* files that it lacks or has otherwise'
expect_out_like 'ok +archive +the DICOM files belong to root \(0:0\)'
expect_out_like "error +login +MYSQL_PASSWORD is escaped for the original's sed"
expect_out_like 'warning +crontab +a line kills java'
expect_out_like 'ok +crontab +> /proc/1/fd/1 works'
expect_out_like 'warning +java +Java 8 ignores'
expect_out_like 'unknown +tls .*TLS 1\.0 and 1\.1'
expect 'nothing changed' diff "$T/before" <(find "$chain_volume" -printf '%p %i %T@ %m %u\n' | sort)
sed -n '/^DCM_\|^MYSQL_\|^TZ/p' "$T/out" | sort >"$T/env"
expect '.env' diff "$T/env" - <<'E_ENV'
DCM_ARCHIVE=/data/archive
DCM_CONFIG_VOLUME=pacs_dcm4chee
DCM_DB_IMAGE=mysql:5.6
DCM_DB_VOLUME=pacs_mysql
DCM_DICOM_PORT=104
DCM_HTTP_PORT=8081
MYSQL_DATABASE=pacsdb
TZ=Europe/Madrid
E_ENV
expect_out_like '#   pacs_dcm4chee: \{ external: true \}'
expect_out_like '#   - ./scripts:/scripts'
expect_out_like '# MYSQL_HOST=mysql was a service of that file'
expect 'no secret' test "$(grep -c secret "$T/out")" = 0

begin 'images inside the configuration volume, a database elsewhere: the .env keeps both so'
cat >"$T/inside.yml" <<'E_COMPOSE'
dcm4chee:
  image: original/dcm4chee
  environment:
    - MYSQL_HOST=db.example
  volumes:
    - /data/config:/opt/dcm4chee/server/default
E_COMPOSE
migrate MYSQL_PASSWORD="$password" "$tool" --migrate --compose "$T/inside.yml" --project pacs
expect_status 0
sed -n '/^DCM_\|^MYSQL_\|^TZ/p' "$T/out" | sort >"$T/env"
expect '.env' diff "$T/env" - <<'E_ENV'
DCM_ARCHIVE_AT=/unused
DCM_CONFIG_VOLUME=/data/config
MYSQL_HOST=db.example
E_ENV

# What the .env sets, and a comment of it; by both of Debian's awks, the image's among them.
shape() { # TITLE INSIDE "NAME=VALUE ..." REGEX-OF-A-COMMENT; the compose file on stdin
  local awk
  begin "compose file: $1"
  cat >"$T/shape.yml"
  for awk in mawk gawk; do
    command -v "$awk" >/dev/null || continue
    run env LC_ALL=C "$awk" -v project=pacs -v inside="$2" -f "$DCM_SOURCE/scripts/maintenance/compose-read.awk" \
      -f "$DCM_SOURCE/scripts/maintenance/compose-env.awk" "$T/shape.yml"
    expect_status 0
    expect_err ''
    expect "$awk: $(cat "$T/out")" test "$(grep -v '^#' "$T/out" | paste -sd' ')" = "$3"
    expect "$awk, no '$4': $(cat "$T/out")" grep -qE "^#.*$4" "$T/out"
    expect "$awk: no secret" test "$(grep -c secret "$T/out")" = 0
  done
}

shapes_understood() {
  shape 'a database without a volume keeps its host' no 'DCM_CONFIG_VOLUME=/c DCM_ARCHIVE=/a MYSQL_HOST=mysql' 'dump it' <<'E'
services:
  pacs:
    volumes: # two
    - /c:/opt/dcm4chee/server/default
    - /a:/opt/dcm4chee/server/default/archive
    environment: # one
      - MYSQL_HOST=mysql
      - MYSQL_PASSWORD=secret
  mysql:
    image: mysql:5.6
    command: [a,
      b]
E
  shape 'an anonymous volume of the database' no 'DCM_CONFIG_VOLUME=/c MYSQL_HOST=mysql' 'dump it' <<'E'
services:
  pacs:
    volumes:
      - /c:/opt/dcm4chee/server/default
    environment:
      MYSQL_HOST: mysql
  mysql:
    image: mysql:5.6
    volumes:
      - /var/lib/mysql
E
  shape 'a database of another project' no 'DCM_CONFIG_VOLUME=/c DCM_ARCHIVE=/a MYSQL_HOST=mysql' 'external_links' <<'E'
services:
  pacs:
    external_links:
      - hospital_mysql_1:mysql
    volumes:
      - /c:/opt/dcm4chee/server/default/
      - /a:/opt/dcm4chee/server/default/archive/
    environment:
      "MYSQL_HOST": 'mysql' # there
  mysql:
    image: mysql:5.6
    volumes:
      - /not-its-own:/var/lib/mysql
E
  shape 'another database beside, and a link to the right one' yes \
    'DCM_CONFIG_VOLUME=/c DCM_ARCHIVE_AT=/unused DCM_DB_VOLUME=/b DCM_DB_IMAGE=mariadb:10.1' 'MYSQL_HOST=db was a service' <<'E'
services:
  wiki:
    image: mysql:8
    environment: {MYSQL_HOST: secret}
    volumes: []
  wikidb:
    volumes:
      - /w:/var/lib/mysql
  pacs:
    links:
      - pacsdb:db
    volumes:
      - /c:/opt/dcm4chee/server/default
    environment:
      MYSQL_HOST: db
  pacsdb:
    image: mariadb:10.1
    volumes:
      - /b:/var/lib/mysql:rw
E
  local comment
  for comment in '   - ./my.cnf:/etc/mysql/my.cnf' 'line 9: the command of "db" is to be added'; do
    shape 'what else the database has' no 'DCM_CONFIG_VOLUME=/c DCM_DB_VOLUME=/b DCM_DB_IMAGE=mysql:5.6' "$comment" <<'E'
services:
  pacs:
    volumes:
      - /c:/opt/dcm4chee/server/default
    environment:
      MYSQL_HOST: db
  db:
    image: mysql:5.6
    command: --lower-case-table-names=1
    volumes:
      - /b:/var/lib/mysql
      - ./my.cnf:/etc/mysql/my.cnf:ro
      - ./create.sql:/docker-entrypoint-initdb.d/create.sql
E
  done
  shape 'the long form with the target first' no \
    'DCM_CONFIG_VOLUME=/data/config DCM_ARCHIVE=/data/archive DCM_HTTP_PORT=127.0.0.1:80 MYSQL_HOST=db.example' '8443:8443' <<'E'
name: pacs
services:
  pacs:
    ports:
      - mode: ingress
        host_ip: 127.0.0.1
        target: 8080
        published: "80"
        protocol: tcp
      - target: 8443
        published: "8443"
    volumes:
      - target: /opt/dcm4chee/server/default
        type: bind
        source: /data/config
        bind:
          create_host_path: true
      - target: /opt/dcm4chee/server/default/archive
        source: /data/archive
        type: bind
    environment:
      JAVA_OPTS: -Da=b
        -Dc=d
      MYSQL_HOST: db.example
E
  shape 'names of volumes' no 'DCM_CONFIG_VOLUME=old_config DCM_ARCHIVE=shared MYSQL_HOST=10.0.0.5' '   shared: \{ external: true \}' <<'E'
services:
  pacs:
    volumes:
      - type: volume
        source: config
        target: /opt/dcm4chee/server/default
        volume: {}
      - type: volume
        source: shared
        target: /opt/dcm4chee/server/default/archive
    environment:
      MYSQL_HOST: 10.0.0.5
volumes:
  config:
    name: old_config
  shared:
    external: true
E
}

# shellcheck disable=SC2016
shapes_in_doubt() {
  local volumes rest about
  while IFS='|' read -r volumes about; do
    shape "in doubt: $volumes" no '' "cannot read line [0-9]+: .*$about" < <(printf '%s\n' 'services:' '  pacs:' '    environment:' \
      '      MYSQL_HOST: db' '    volumes:' "      $volumes")
  done <<'E'
- ${DATA:-/x}/config:/opt/dcm4chee/server/default|the source of the mount; set DCM_CONFIG_VOLUME by hand
- ./config:/opt/dcm4chee/server/default|a path that begins at the directory
- ~/config:/opt/dcm4chee/server/default|a path that begins at the directory
- config:/opt/dcm4chee/server/default|no volume 'config'
- /opt/dcm4chee/server/default|a mount without a source
- {type: bind, source: /c, target: /opt/dcm4chee/server/default}|written in brackets; set DCM_CONFIG_VOLUME
- /c:/opt/dcm4chee|no service mounts server/default
- /c:${HOME}/server/default|where it is mounted
- *mounts|an anchor, alias or tag
- "/c:/opt/dcm4chee/server/default|the quotes
- 'C:\data:/opt/dcm4chee/server/default:rw'|more than three parts
E
  while IFS='|' read -r rest about; do
    shape "in doubt: $rest" no '' "cannot read line [0-9]+: .*$about" < <(
      printf 'services:\n  pacs:\n    volumes:\n      - /c:/opt/dcm4chee/server/default\n    %b\n' "$rest")
  done <<'E'
environment: {MYSQL_HOST: db.example, MYSQL_PASSWORD: secret}|written in brackets; set MYSQL_HOST, MYSQL_PORT
environment:\n      - MYSQL_HOST|the value of MYSQL_HOST
environment:\n      MYSQL_HOST: ${HOST:-db}|the value of MYSQL_HOST
environment:\n      MYSQL_HOST: |the value of MYSQL_HOST
environment:\n      TZ: UTC|no MYSQL_HOST
environment:\n      MYSQL_HOST: >-\n        secret|a block of text
environment: *secret|an anchor
environment:\n      <<: *secret\n      MYSQL_HOST: db|an anchor
env_file: secret.env|variables in another file
extends: secret|'extends' takes lines
volumes_from: [secret]|volumes of another service
<<: *secret|'<<' takes lines
environment:\n      MYSQL_HOST: db\n    ports:\n      - "${P:-80}:8080"|the port is a variable
environment:\n      MYSQL_HOST: db\n      MYSQL_HOST: other|it is there twice
environment:\n      MYSQL_HOST: db\n      TZ: a\n        b|not a key, not an item
environment:\n      MYSQL_HOST: db\n  db:\n    build: .\n    volumes:\n      - /b:/var/lib/mysql|which image the database has
environment:\n      MYSQL_HOST: db\n  db:\n    image: mysql\n    volumes:\n      - db:/var/lib/mysql|no volume 'db'
environment:\n      MYSQL_HOST: db\n  two:\n    volumes:\n      - /d:/opt/dcm4chee/server/default|more than one mount
E
  shape 'in doubt: a bind of a relative path' no '' 'a path that begins at the directory' <<'E'
services:
  pacs:
    volumes:
      - type: bind
        source: config
        target: /opt/dcm4chee/server/default
    environment:
      MYSQL_HOST: db.example
volumes:
  config:
E
  shape 'whether images are in the volume is not known' unknown '' 'whether images are in it' <<'E'
pacs:
  volumes:
    - /c:/opt/dcm4chee/server/default
  environment:
    - MYSQL_HOST=db.example
E
  shape 'JSON' no '' 'cannot read line 1: .* set all by hand' <<<'{"services": {"pacs": {"environment": {"MYSQL_PASSWORD": "secret"}}}}'
}
shapes_understood
shapes_in_doubt

begin 'a line in doubt is a warning, and the .env is comments'
sed 's|/data/config|$DATA/config|' "$T/inside.yml" >"$T/doubt.yml"
migrate MYSQL_PASSWORD="$password" "$tool" --migrate --compose "$T/doubt.yml" --project pacs
expect_status 0
expect_out_like 'warning +compose +cannot read line 6: the source of the mount; set DCM_CONFIG_VOLUME by hand; nothing is set'
expect 'comments' test "$(grep -c '^[A-Z_]*=' "$T/out")" = 0

begin 'the password as it is: nothing to mend'
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
