# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154
# The Docker way of scripts/up and scripts/down: docker-compose.yml where dcm4chee can be had, else the sandbox's own file
# image/sandbox/docker-compose.yml as a project of its own. Set before: $top (the checkout).
# Used: port_taken, port_free (ports.sh).
# What cannot be done here without being an error says why in $docker_why and returns 1.

docker_fail() { # status message
  echo "${0##*/}: $2" >&2
  exit "$1"
}

docker_ask() { timeout 30 docker version --format '{{.Server.Version}}' 2>&1; }
docker_answers() { docker_ask >/dev/null; }

docker_installed() {
  command -v dockerd >/dev/null ||
    dpkg-query -W -f '${db:Status-Status}\n' 'docker*' 'moby*' 'podman-docker' 2>/dev/null | grep -x installed >/dev/null
}

# An engine that answers, and compose. Installs Debian's where no docker package of any kind is.
docker_provide() {
  if docker_answers; then
    :
  elif docker_installed || [ -n "${DOCKER_HOST:-}" ]; then
    docker_why="Docker is installed, but its engine cannot be used here ($(docker_ask | tail -n 1))"
    return 1
  elif [ "$(id -u)" -ne 0 ]; then
    docker_why="Docker is not installed, and only root can install it"
    return 1
  elif ! "$top/scripts/install-packages" engine compose; then
    docker_why="Docker cannot be installed"
    return 1
  elif ! docker_start_engine; then
    docker_why="Docker is installed now, but its engine does not start here (see $docker_log)"
    return 1
  fi
  docker_find_compose || docker_install_compose
}

docker_install_compose() {
  if dpkg-query -W -f '${db:Status-Status}\n' 'docker-ce*' 'moby*' 2>/dev/null | grep -x installed >/dev/null; then
    docker_why="compose is missing; install the package docker-compose-plugin of your Docker"
    return 1
  fi
  docker_why="compose is missing; install docker-compose"
  "$top/scripts/install-packages" compose && docker_find_compose
}

# The way of the package; or, where it has none that works (no init, no right to raise limits), the daemon itself, until the next boot.
docker_start_engine() {
  docker_log=/var/log/dockerd.log
  service docker start >/dev/null 2>&1 && docker_wait_engine && return
  setsid dockerd </dev/null >>"$docker_log" 2>&1 9>&- &
  docker_daemon=$!
  docker_wait_engine
}

docker_wait_engine() {
  docker_tries=0
  until docker_answers; do
    docker_tries=$((docker_tries + 1))
    [ "$docker_tries" -lt 120 ] || return 1
    # a daemon that has ended will not answer
    [ -z "${docker_daemon:-}" ] || kill -0 "$docker_daemon" 2>/dev/null || return 1
    sleep 0.5
  done
}

docker_find_compose() {
  if docker compose version >/dev/null 2>&1; then
    docker_compose='docker compose'
  elif command -v docker-compose >/dev/null; then
    docker_compose=docker-compose
  else
    return 1
  fi
}

# What this checkout runs: sets $docker_dir and $docker_project, which docker_do works with.
docker_use_archive() {
  docker_dir=$top
  docker_project=
}
docker_use_sandbox() {
  docker_from_dotenv COMPOSE_PROJECT_NAME DCM_HTTP_PORT DCM_DICOM_PORT TZ
  docker_dir=$top/image/sandbox
  docker_project=$(docker_default_project)-sandbox
}
docker_default_project() { # as compose calls the archive's
  (
    docker_from_dotenv COMPOSE_PROJECT_NAME
    docker_project=$(basename "$top" | tr '[:upper:]' '[:lower:]' | tr -cd 'a-z0-9_-')
    echo "${COMPOSE_PROJECT_NAME:-${docker_project:-dcm4chee}}"
  )
}
# A port or a name that the environment leaves open, from .env: volumes and passwords there are a site's, never the sandbox's.
docker_from_dotenv() { # NAME...
  for docker_name; do
    eval "[ -z \"\${$docker_name:-}\" ]" || continue
    docker_value=$(sed -n "s/^$docker_name=//p" "$top/.env" 2>/dev/null | tail -n 1 | tr -d '\r' |
      sed -E "s/^\"([^\"]*)\".*/\1/; t; s/^'([^']*)'.*/\1/; t; s/(^|[[:blank:]]+)#.*//; s/[[:blank:]]+\$//")
    [ -z "$docker_value" ] || export "$docker_name=$docker_value"
  done
}
docker_do() { # compose's arguments
  (
    # no other directory: a site's .env and override files are for its own project
    cd "$docker_dir" || exit
    # a command of one or two words
    # shellcheck disable=SC2086
    if [ -n "$docker_project" ]; then
      exec $docker_compose -p "$docker_project" -f docker-compose.yml "$@"
    fi
    exec $docker_compose "$@"
  )
}

docker_has() { docker image inspect "$1" >/dev/null 2>&1; }
docker_pull() { timeout 300 docker pull "$1" >/dev/null 2>&1; }

# Sets $docker_base to an image of Debian $1; from the package mirror where no registry answers. Returns 1 where there can be none.
docker_provide_base() {
  for docker_base in "debian:$1-slim" "dcm-base:$1"; do
    if docker_has "$docker_base"; then
      return
    fi
  done
  docker_base=debian:$1-slim
  if docker_pull "$docker_base"; then
    return
  fi
  docker_base=dcm-base:$1
  echo "no registry answers: making the base image $docker_base from Debian's packages"
  docker_why="the base image cannot be made without root; run: sudo scripts/up"
  [ "$(id -u)" -eq 0 ] || return 1
  docker_why="the base image cannot be made"
  "$top/scripts/install-packages" base && "$top/image/make-base" "$1" "$docker_base"
}

# Sets $docker_database to mariadb:10.11, or to an image with Debian's MariaDB of the same series.
docker_provide_database() {
  docker_database=mariadb:10.11
  if docker_has "$docker_database"; then
    return
  fi
  if ! docker_has dcm-database:10.11 && docker_pull "$docker_database"; then
    return
  fi
  docker_database=dcm-database:10.11
  docker_provide_base bookworm || docker_fail 69 "$docker_why"
  docker_quiet docker build --build-arg "BASE=$docker_base" --tag "$docker_database" "$top/image/database"
}

docker_try() { # command: its output only where it fails
  docker_log=$(mktemp)
  if "$@" >"$docker_log" 2>&1 </dev/null; then
    rm -f "$docker_log"
    return
  fi
  tail -n 30 "$docker_log" >&2
  docker_why="'$*' failed; its last lines are above, all of them in $docker_log"
  return 1
}

docker_quiet() { docker_try "$@" || docker_fail 70 "$docker_why"; }

# Sets $docker_ports to lines "published target", one for every port of the project, in whatever order compose prints the two.
docker_find_ports() {
  docker_ports=$(docker_do config 2>/dev/null | awk '
    $1 == "published:" || $2 == "published:" { gsub(/[^0-9]/, "", $NF); published = $NF }
    ($1 == "target:" || $2 == "target:") && $NF ~ /^[0-9]+$/ { target = $NF }
    published && target { print published, target; published = target = "" }')
}

docker_check_ports() {
  docker_find_ports
  # the sandbox makes way for the archive
  docker_ours=$({ docker_do ps -q; docker ps -q --filter "label=com.docker.compose.project=$(docker_default_project)-sandbox"; } | xargs -r docker inspect \
    --format '{{range .NetworkSettings.Ports}}{{range .}} {{.HostPort}} {{end}}{{end}}' | tr '\n' ' ')
  echo "$docker_ports" | while read -r published target; do
    case $docker_ours in *" $published "*) continue ;; esac
    port_taken "$published" || continue
    case $target in
      8080) docker_fail 69 "port $published is taken; choose another: DCM_HTTP_PORT=$(port_free) scripts/up" ;;
      11112) docker_fail 69 "port $published is taken; choose another: DCM_DICOM_PORT=$(port_free) scripts/up" ;;
      *) docker_fail 69 "port $published is taken; choose another under 'ports:' in $docker_dir/docker-compose.yml" ;;
    esac
  done
}

# What the archive waits for, once. What only a person can fix ends it when it has been so for 20 looks: a database may
# deny access while it starts for the first time.
docker_tell_wait() { # what dcm-start --ready says
  if [ "$1" != "${docker_told:-}" ]; then
    docker_told=$1
    docker_same=0
    case $1 in 'starting: waiting for the database: '*) echo "$1" ;; esac
  fi
  docker_same=$((docker_same + 1))
  case $1 in 'starting: waiting for the database: '*) ;; *) return 0 ;; esac
  [ $((docker_same % 20)) -eq 0 ] || return 0
  docker_status=0
  docker_why=$(docker exec "$docker_name" dcm-wait-db --fail-fast --timeout 1s 2>&1) || docker_status=$?
  case $docker_status in
    69 | 77) docker_fail 75 "the archive waits for the database in vain: ${docker_why##*error: }; then run scripts/up again" ;;
  esac
}

docker_wait_ready() {
  docker_name=$(docker_do ps -q archive | head -n 1 | xargs -r docker inspect --format '{{.Name}}' | cut -c2-)
  docker_tries=0
  until docker_now=$(docker exec "$docker_name" dcm-start --ready 2>/dev/null); do
    docker_tell_wait "$docker_now"
    docker_tries=$((docker_tries + 1))
    docker_state=$(docker inspect --format '{{.State.Running}} {{.RestartCount}}' "$docker_name")
    if [ "$docker_tries" -gt 1000 ] || [ "$docker_state" != 'true 0' ]; then
      docker logs --tail 20 "$docker_name" >&2
      docker_fail 75 "the archive did not come up; its last lines are above, all of them: docker logs $docker_name"
    fi
    sleep 0.3
  done
}

# dcm4chee in image/dist, downloaded now as far as it is missing.
docker_fetch() {
  "$top/image/fetch-dist" --check >/dev/null 2>&1 && return
  "$top/scripts/install-packages" fetch && "$top/image/fetch-dist" && return
  docker_why='dcm4chee cannot be had now (the line above says why)'
  return 1
}

docker_build() { # service
  docker_provide_base trixie || return 1
  set -- build --build-arg "BASE=$docker_base" "$1"
  # compose knows the default itself, and a site may have named another one
  case $docker_base in debian:*) set -- build "$4" ;; esac
  echo "building the image, which takes minutes the first time"
  docker_try docker_do "$@"
}

# Succeeds when patients' images may be in the archive of this checkout: then no sandbox may answer in its place.
docker_archive_was_here() {
  docker_image=$(docker_do config 2>/dev/null | awk '/^  [a-z]/ { service = $1 } service == "archive:" && $1 == "image:" { print $2; exit }')
  docker_has "${docker_image:-dcm4chee}" ||
    [ -n "$(docker volume ls -q --filter "label=com.docker.compose.project=$(docker_default_project)")" ]
}

# Names of .env that docker-compose.yml does not read: DCM_ARCHIVE_AT keeps a volume away from the images no more.
docker_say_dropped() {
  grep -oE '^(DCM_ARCHIVE_AT|DCM_TARGET|DCM_BASE)=' "$top/.env" 2>/dev/null | tr -d = | sort -u | while read -r docker_dropped; do
    echo "up: warning: docker-compose.yml no longer reads $docker_dropped from .env; write what you need into docker-compose.override.yml (docs/compose.md)" >&2
  done
}

# The archive, with its image built; returns 1 where that cannot be and the sandbox may stand in.
docker_prepare_archive() {
  docker_use_archive
  docker_say_dropped
  docker_check_ports || exit
  if docker_fetch && docker_build archive; then
    :
  elif ! docker_archive_was_here; then
    return 1
  elif docker_has "${docker_image:-dcm4chee}"; then
    echo "$docker_why: starting the image that was built before"
  else
    docker_fail 69 "$docker_why; an archive has run here, so the sandbox does not take its place (scripts/up --sandbox does)"
  fi
  if docker_do config 2>/dev/null | grep -x ' *image: mariadb:10.11' >/dev/null; then
    docker_provide_database
    export DCM_DB_IMAGE="$docker_database"
  fi
}

docker_prepare_sandbox() {
  docker_use_sandbox
  docker_check_ports || exit
  docker_provide_database
  export DCM_DB_IMAGE="$docker_database"
  docker_build archive || docker_fail 70 "$docker_why"
}

docker_up() { # --sandbox or nothing
  if [ "${1:-}" = --sandbox ]; then
    docker_prepare_sandbox
  elif docker_prepare_archive; then
    docker_stop_sandbox
  else
    echo "$docker_why: this is the sandbox server, on volumes and a database of its own; run scripts/up again for dcm4chee"
    docker_prepare_sandbox
  fi
  docker_quiet docker_do up -d
  docker_wait_ready
  echo "the archive is up:"
  docker_say
}

docker_stop_sandbox() {
  docker_use_sandbox
  if [ -n "$(docker_do ps -q 2>/dev/null)" ]; then
    docker_quiet docker_do down
    echo "the sandbox is stopped, and makes way; its volumes stay"
  fi
  docker_use_archive
}

docker_say() {
  echo "$docker_ports" | {
    http_port=8080 dicom_port=11112
    while read -r published target; do
      case $target in
        8080) http_port=$published ;;
        11112) dicom_port=$published ;;
      esac
    done
    if [ -n "$docker_project" ]; then
      echo "web page    http://127.0.0.1:$http_port/ (user admin, password admin)"
    else
      echo "web page    http://127.0.0.1:$http_port/dcm4chee-web3/ (users admin and user; the password of each is its name until you change it)"
    fi
    cat <<EOF_SAY
DICOM       AE title DCM4CHEE, port $dicom_port
log         docker logs -f $docker_name
EOF_SAY
    [ -z "$docker_project" ] || echo "This is the sandbox server, not dcm4chee: good to try things out, not for patients' images."
    cat <<EOF_SAY

a first image (dcmsend, findscu: Debian's package dcmtk):
  dcmsend -v -nuc -dn -aec DCM4CHEE 127.0.0.1 $dicom_port IMAGE.dcm
  findscu -aec DCM4CHEE -S -k QueryRetrieveLevel=STUDY -k PatientName -k StudyInstanceUID 127.0.0.1 $dicom_port
without dcmtk here:
  docker exec -i $docker_name sh -c 'cat >/tmp/i && storescu -aec DCM4CHEE 127.0.0.1 11112 /tmp/i; rm /tmp/i' <IMAGE.dcm
stop: scripts/down
EOF_SAY
  }
}

# Containers and networks go, volumes stay; with --purge the sandbox's go as well, a site's never.
docker_down() { # --purge or nothing
  docker_answers && docker_find_compose || return 0
  docker_use_archive
  if [ -n "$(docker_do ps -q 2>/dev/null)" ]; then
    docker_quiet docker_do down
    echo "stopped; the archive's volumes stay: images, settings, database"
  fi
  docker_use_sandbox
  if [ "${1:-}" = --purge ]; then
    docker_quiet docker_do down --volumes
    echo "stopped, and the sandbox's volumes are removed"
  elif [ -n "$(docker_do ps -q 2>/dev/null)" ]; then
    docker_quiet docker_do down
    echo "stopped; the sandbox's volumes stay: images, settings, database (scripts/down --purge removes them)"
  fi
}
