# SPDX-License-Identifier: Apache-2.0
# A real Docker engine for tests: the machine's where one answers, else one of our own (root; Debian's docker.io is installed
# where no docker package of any kind is), on a socket and data directory apart. Tests that run at the same time share it: the
# first one starts it, the last one ends it. Source it, then:
#   docker_engine            ends the test with 77 and the reason where there can be none; the caller's EXIT trap calls docker_end
#   docker_sandbox           builds the image $DCM_TEST_IMAGE (from the environment: several checkouts share an engine), target
#                            sandbox, from $DCM_SOURCE; unchanged layers come from the cache
#   docker_build TARGET TAG [OPTION...]   any target, from $docker_context ($DCM_SOURCE); all that is printed is in $docker_log
#   docker_checkout DIR      what git has of this checkout, in DIR, which is made; skips where $DCM_SOURCE is no git checkout
#   docker_override DIR      lets DIR/docker-compose.yml run the sandbox, as image $DCM_TEST_IMAGE: gives it a database beside the
#                            schema, since it refuses one with a site's tables
#   docker_listens NAME      prints where TCP of that container is listened to: PORT, or 127.0.0.1:PORT where only it reaches that itself
#   docker_clean             removes the containers that the test made (label $docker_label)
#   docker_end               removes all that the test made, and ends an engine of our own that no other test uses
# shellcheck shell=bash
top=$DCM_SOURCE
# shellcheck source=scripts/lib/docker.sh
. "$DCM_SOURCE/scripts/lib/docker.sh"
DCM_TEST_IMAGE=${DCM_TEST_IMAGE:-dcm-test-sandbox}
DCM_TEST_ROOT=/var/lib/dcm-test-docker
docker_label=dcm-test=$$
docker_context=$DCM_SOURCE
docker_users= # descriptor of the lock that whoever uses an engine of our own shares

docker_skip() {
  printf 'skipped: %s\n' "$1"
  exit 77
}

docker_engine() {
  export DOCKER_BUILDKIT=0
  if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
    return
  fi
  [ "$(id -u)" -eq 0 ] || docker_skip "no Docker engine answers, and only root can start one"
  if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then
    if ! command -v dockerd >/dev/null && dpkg-query -W -f '${db:Status-Status}\n' '*docker*' 2>/dev/null | grep -x installed >/dev/null; then
      docker_skip "a docker package is installed, but no engine answers: start it"
    fi
    "$DCM_SOURCE/scripts/install-packages" engine || docker_skip "docker.io cannot be installed: check the package sources"
  fi
  docker_join
}

docker_join() {
  local starting
  mkdir -p "$DCM_TEST_ROOT"
  export DOCKER_HOST=unix://$DCM_TEST_ROOT/socket
  exec {docker_users}>"$DCM_TEST_ROOT/users" {starting}>"$DCM_TEST_ROOT/starting"
  flock --shared "$docker_users" # while the last user of an engine ends it, here
  flock "$starting"
  docker info >/dev/null 2>&1 || docker_start "$starting"
  exec {starting}>&-
}

docker_start() { # descriptor that it is not to inherit
  local pid users=$docker_users starting=$1 limit=$((SECONDS + 120))
  rm -rf "$DCM_TEST_ROOT/data/swarm" # left by a test that joined one
  setsid dockerd --host "$DOCKER_HOST" --data-root "$DCM_TEST_ROOT/data" --exec-root "$DCM_TEST_ROOT/run" \
    --pidfile "$DCM_TEST_ROOT/pid" </dev/null >"$DCM_TEST_ROOT/log" 2>&1 {users}>&- {starting}>&- &
  pid=$!
  until docker info >/dev/null 2>&1; do
    kill -0 "$pid" 2>/dev/null || docker_skip "dockerd does not start here: $(tail -n 1 "$DCM_TEST_ROOT/log")"
    [ "$SECONDS" -lt "$limit" ] || docker_skip "dockerd does not answer here: $(docker info 2>&1 | tail -n 1)"
    sleep 0.2
  done
}

docker_build() {
  local target=$1 tag=$2
  shift 2
  (docker_provide_base trixie) || docker_skip "no base image: neither a registry nor the package mirror can be reached"
  docker_provide_base trixie
  docker_log=$(mktemp)
  docker build --build-arg BASE="$docker_base" --target "$target" --tag "$tag" "$@" \
    --file "$docker_context/image/Dockerfile" "$docker_context" >"$docker_log" 2>&1 </dev/null
}

docker_sandbox() {
  if ! docker_build sandbox "$DCM_TEST_IMAGE"; then
    tail -n 40 "$docker_log"
    rm -f "$docker_log"
    return 1
  fi
  rm -f "$docker_log"
}

docker_checkout() {
  git -C "$DCM_SOURCE" rev-parse --git-dir >/dev/null 2>&1 || docker_skip "not a git checkout"
  mkdir "$1"
  git -C "$DCM_SOURCE" ls-files -z | tar -C "$DCM_SOURCE" --null -T - -c | tar -C "$1" -x
}

docker_override() {
  cat >"$1/sandbox.sql" <<'EOF_SQL'
CREATE DATABASE sandbox;
SET @user = (SELECT CONCAT(QUOTE(user), '@', QUOTE(host)) FROM mysql.user WHERE user IN ('pacs', 'site'));
EXECUTE IMMEDIATE CONCAT('GRANT ALL ON sandbox.* TO ', @user);
EOF_SQL
  cat >"$1/docker-compose.override.yml" <<EOF_YAML
services:
  archive:
    image: $DCM_TEST_IMAGE
    build: { target: sandbox }
    environment: { MYSQL_DATABASE: sandbox }
  database:
    volumes: ["./sandbox.sql:/docker-entrypoint-initdb.d/sandbox.sql:ro"]
EOF_YAML
}

# from the kernel's own tables: the image has no tool for it, and what listens may be anybody's
docker_listens() {
  local place state address port
  docker exec "$1" cat /proc/net/tcp /proc/net/tcp6 | while read -r _ place _ state _; do
    [ "$state" = 0A ] || continue
    address=${place%:*} port=$((16#${place#*:}))
    case $address in
      0B00007F) ;; # the engine's own resolver
      ??????7F | 00000000000000000000000001000000 | 0000000000000000FFFF0000??????7F) echo "127.0.0.1:$port" ;;
      *) echo "$port" ;;
    esac
  done | sort -Vu | paste -sd' '
}

docker_clean() { docker ps -aq --filter "label=$docker_label" | xargs -r docker rm -fv >/dev/null; }

docker_end() {
  if docker info >/dev/null 2>&1; then
    docker_clean
    docker volume ls -q --filter "label=$docker_label" | xargs -r docker volume rm >/dev/null
    docker network ls -q --filter "label=$docker_label" | xargs -r docker network rm >/dev/null
  fi
  if [ -n "$docker_users" ] && flock --nonblock "$docker_users"; then
    local pid
    pid=$(cat "$DCM_TEST_ROOT/pid")
    kill "$pid"
    tail --pid="$pid" -f /dev/null
  fi
}
