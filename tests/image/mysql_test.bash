#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The image with the database servers of today, each in a container: MariaDB of its own Debian, and MySQL of Debian unstable, whose
# accounts log in by caching_sha2_password. Schema, login, verdict on the JDBC driver.
# mysql_test.bash mysql|mariadb
set -u
# shellcheck source=tests/lib/docker.bash
. "$DCM_SOURCE/tests/lib/docker.bash"
# shellcheck source=tests/integration/schema/compare.bash
. "$DCM_SOURCE/tests/integration/schema/compare.bash"
kind=$1
password='s3cret&<x>'
server=$kind-$$
toolkit=toolkit-$$
work=$(mktemp -d)
trap 'docker_end; rm -rf "$work"' EXIT

fail() {
  printf 'FAILED: %s\n' "$*"
  docker logs "$server" 2>&1 | tail -n 10
  exit 1
}

build_server() {
  docker_provide_base trixie
  DCM_TEST_SERVER=$DCM_TEST_IMAGE-$kind
  if ! timeout 900 docker build --build-arg "BASE=$docker_base" --target "$kind" --tag "$DCM_TEST_SERVER" "$DCM_SOURCE/tests/image/servers" \
    >"$work/build.log" 2>&1 </dev/null; then
    if grep -F 'non-zero code: 69' "$work/build.log" >/dev/null; then
      docker_skip "Debian has no $kind server here: $(sed 's/\x1b\[[0-9;]*m//g' "$work/build.log" | grep '^E: ' | head -n 1)"
    fi
    tail -n 30 "$work/build.log"
    fail "docker build of the server"
  fi
}

sql() { docker exec --interactive "$server" "$kind" --no-defaults --socket=/db/s --user=root --batch --skip-column-names "$@"; }
on_pacsdb() { sql pacsdb; }

start_server() {
  docker network create --label "$docker_label" "test-$$" >/dev/null || fail "docker network"
  docker run --detach --name "$server" --label "$docker_label" --network "test-$$" "$DCM_TEST_SERVER" >/dev/null || fail "docker run"
  local limit=$((SECONDS + 120))
  until sql <<<'SELECT 1' >/dev/null 2>&1; do
    [ "$(docker inspect --format '{{.State.Running}}' "$server")" = true ] || fail "the server ended"
    [ "$SECONDS" -lt "$limit" ] || fail "the server does not come up"
    sleep 0.2
  done
  version=$(sql <<<'SELECT VERSION()')
  printf '%s %s\n' "$kind" "$version"
}

# The image's own programs, in a tree of dcm4chee's shape: what is measured of the sandbox's is less.
start_toolkit() {
  docker run --detach --name "$toolkit" --label "$docker_label" --network "test-$$" --env DCM4CHEE_HOME=/pacs --env "MYSQL_HOST=$server" \
    --env "MYSQL_PASSWORD=$password" "$DCM_TEST_IMAGE" sleep infinity >/dev/null || fail "docker run"
  docker exec "$toolkit" sh -euc 'mkdir -p /pacs/server/default/deploy /pacs/server/default/lib /pacs/server/default/conf
    cp /opt/dcm4chee/server/default/deploy/pacs-mysql-ds.xml /pacs/server/default/deploy/
    dcm-configure-db' >/dev/null 2>&1 || fail "dcm-configure-db"
}

toolkit() { # status, part of what it says ('' is nothing), command
  local expected=$1 text=$2 said status=0
  shift 2
  said=$(docker exec "$toolkit" "$@" 2>&1) || status=$?
  [ "$status" = "$expected" ] || fail "$*: status $status, not $expected: $said"
  case $text in
    '') [ -z "$said" ] || fail "$*: says: $said" ;;
    *) case $said in *"$text"*) ;; *) fail "$*: does not say '$text': $said" ;; esac ;;
  esac
}

# A jar of the class that JBoss loads, for all that can be seen of it from outside.
driver() { # version
  rm -rf "$work/jar"
  mkdir -p "$work/jar/META-INF"
  printf 'Manifest-Version: 1.0\r\nImplementation-Title: MySQL Connector/J\r\nImplementation-Version: %s\r\n\r\n' "$1" >"$work/jar/META-INF/MANIFEST.MF"
  (cd "$work/jar" && zip -qX mysql-connector-java.jar META-INF/MANIFEST.MF) || fail "zip"
  docker cp "$work/jar/mysql-connector-java.jar" "$toolkit:/pacs/server/default/lib/" >/dev/null || fail "docker cp"
}

entity_command() { # class
  docker exec "$toolkit" sh -euc 'echo "<entity-command name=\"mysql-get-generated-keys\" class=\"org.jboss.ejb.plugins.cmp.jdbc.keygen.$1\"/>" \
    >/pacs/server/default/conf/standardjbosscmp-jdbc.xml' sh "$1" || fail "the entity command"
}

# In silence, and again with nothing but the notes that the tables are there.
check_schema() {
  local said rows
  said=$(sql --show-warnings pacsdb <"$DCM_SOURCE/create-mysql.sql" 2>&1) || fail "create-mysql.sql: $said"
  [ -z "$said" ] || fail "create-mysql.sql says: $said"
  schema_differences on_pacsdb || fail "the schema differs from the lists"
  rows='SELECT * FROM users ORDER BY user_id; SELECT * FROM roles ORDER BY 1, 2; SELECT * FROM ae ORDER BY pk'
  on_pacsdb <<<"$rows" >"$work/rows"
  said=$(sql --show-warnings pacsdb <"$DCM_SOURCE/create-mysql.sql" 2>&1 | grep -vE "^Note \(Code 1050\): Table '[a-z_]+' already exists$")
  [ -z "$said" ] || fail "the second run says: $said"
  schema_differences on_pacsdb || fail "the second run changed the schema"
  on_pacsdb <<<"$rows" | cmp - "$work/rows" || fail "the second run changed rows"
  on_pacsdb <<<'ALTER TABLE media ADD more INT'
  ! schema_differences on_pacsdb >/dev/null || fail "the comparison sees nothing"
  on_pacsdb <<<'ALTER TABLE media DROP more'
}

check_login() { # PLUGIN
  sql <<<"DROP USER IF EXISTS pacs; CREATE USER pacs IDENTIFIED $1; GRANT ALL ON pacsdb.* TO pacs" || fail "CREATE USER ... IDENTIFIED $1"
  # the first login of a new account sends the password by the server's public key, unless there is TLS
  toolkit 0 '' dcm-wait-db --once --require-schema
  toolkit 0 '' dcm-wait-db --once
  toolkit 77 'denied' env MYSQL_PASSWORD=wrong dcm-wait-db --from-env --fail-fast
}

check_load_schema() {
  toolkit 0 'is complete, nothing was changed' /opt/dcm/maintenance/load-schema
  sql <<<'DROP DATABASE pacsdb; CREATE DATABASE pacsdb'
  toolkit 0 '' dcm-wait-db --once
  toolkit 69 "is empty" dcm-wait-db --once --require-schema
  toolkit 0 '55' /opt/dcm/maintenance/load-schema
  schema_differences on_pacsdb || fail "load-schema: the schema differs from the lists"
}

check_driver() { # PLUGIN
  local verdict="the JDBC driver 'mysql-connector-java.jar' 5.0.5 cannot log in by this user's plugin '$1', from 5.1.46 on it could; "
  verdict+="put mysql-connector-java-5.1.49 in its place (docs/dcm-wait-db.md)"
  [ "${version%%.*}" -lt 9 ] || verdict+=", this server knows nothing older"
  driver 5.0.5
  toolkit 69 "dcm-wait-db: error: $verdict" dcm-wait-db --fail-fast
  toolkit 0 "dcm-wait-db: warning: $verdict" dcm-wait-db --preflight --once
  driver 5.1.49
  entity_command JDBCMySQLCreateCommand
  toolkit 0 'nothing can be stored' dcm-wait-db --preflight --once
  entity_command JDBC30GeneratedKeysCreateCommand
  toolkit 0 '' dcm-wait-db --preflight --once
}

docker_engine
command -v zip >/dev/null || docker_skip "needs zip"
docker_sandbox || fail "docker build"
build_server
start_server
start_toolkit
sql <<<'CREATE DATABASE pacsdb' || fail "CREATE DATABASE"
check_schema
# what --preflight says of the shipped passwords is not what is looked at here
on_pacsdb <<<"UPDATE users SET passwd = 'changed'"
native="WITH mysql_native_password BY '$password'"
[ "$kind" = mysql ] || native="VIA mysql_native_password USING PASSWORD('$password')"
if [ "$kind" = mysql ]; then
  check_login "WITH caching_sha2_password BY '$password'"
  check_driver caching_sha2_password
  check_load_schema
fi
if [ -n "$(sql <<<"SELECT 1 FROM information_schema.plugins WHERE plugin_name = 'mysql_native_password' AND plugin_status = 'ACTIVE'")" ]; then
  check_login "$native"
  driver 5.0.5
  toolkit 0 '' dcm-wait-db --preflight --once
  [ "$kind" = mysql ] || check_load_schema
else
  [ "${version%%.*}" -ge 9 ] || fail "the verdict names mysql_native_password, which this server does not have"
fi
echo passed
