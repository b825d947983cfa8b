# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2016
# What the tests in a real engine share. Source it, then:
#   container_setup                engine, image $DCM_TEST_IMAGE, network, a MariaDB on the network's gateway
#   container_cases [CASE...]      run case_CASE of each in a subshell, with a database of its own; ends the script with the verdict.
#                                  Those that $container_alongside names mostly wait: they run while the others do
# In a case:
#   start NAME [DOCKER OPTION...]  a container, $name; waits until its archive answers.  create NAME ...: does not wait
#   ready | store PATIENT | finds PATIENT | stop | refused STATUS TEXT | says TEXT | wait_until SECONDS WHAT COMMAND...
#   new_volume NAME                prints the name of a named volume     inside COMMAND...   docker exec
#   privileges UID GID             as whom the server's processes run, without capabilities
# Everything carries $docker_label and goes at the end.
set -u
for container_tool in echoscu storescu findscu dump2dcm mariadbd; do
  command -v "$container_tool" >/dev/null || { printf 'skipped: needs %s\n' "$container_tool"; exit 77; }
done
# shellcheck source=tests/lib/docker.bash
. "$DCM_SOURCE/tests/lib/docker.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$DCM_SOURCE/tests/lib/mariadb.bash"
# shellcheck source=tests/lib/dicom.bash
. "$DCM_SOURCE/tests/lib/dicom.bash"
work=$(mktemp -d)
container_end() {
  mariadb_stop
  docker_end
  rm -rf "$work"
}
trap container_end EXIT
home=/opt/dcm4chee
volume=$home/server/default
password='s3cret&<x>'
name=none
container_alongside=
# as docker-compose.yml has it: what the toolkit needs of root, to give files and itself to the server's user, and to end what runs as it
tight=(--cap-drop ALL --security-opt no-new-privileges)
for capability in CHOWN DAC_OVERRIDE FOWNER KILL SETGID SETPCAP SETUID; do
  tight+=(--cap-add "$capability")
done

fail() {
  printf 'FAILED: %s\n' "$*"
  docker logs "$name" 2>&1 | tail -n 30
  exit 1
}

wait_until() { # seconds, what, command
  local limit=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$limit" ] || fail "waited in vain: $what"
    sleep 0.1
  done
}

container_setup() {
  docker_engine
  docker_sandbox || fail "docker build"
  docker network create --label "$docker_label" "test-$$" >/dev/null || exit 1
  gateway=$(docker network inspect "test-$$" --format '{{(index .IPAM.Config 0).Gateway}}')
  mariadb_start "$work/db" --bind-address="$gateway" || exit 1
}

container_run() { # case
  container_case=$1
  local began=$SECONDS status=0
  (
    trap - EXIT
    mariadb_create "sandbox_$1" "$1" "$password" && "case_$1"
  ) || status=1
  printf '%s: %s, %d s\n' "$1" "$([ "$status" = 0 ] && echo passed || echo FAILED)" $((SECONDS - began))
  docker ps -aq --filter "label=dcm-test-case=$$-$1" | xargs -r docker rm -fv >/dev/null
  return "$status"
}

container_cases() {
  local failed=0 running=() logs=() container_case pid
  for container_case in "$@"; do
    if [[ " $container_alongside " == *" $container_case "* ]]; then
      container_run "$container_case" >"$work/$container_case.log" 2>&1 &
      running+=("$!")
      logs+=("$work/$container_case.log")
    fi
  done
  for container_case in "$@"; do
    [[ " $container_alongside " == *" $container_case "* ]] || container_run "$container_case" || failed=1
  done
  for pid in "${running[@]}"; do
    wait "$pid" || failed=1
  done
  [ ${#logs[@]} -eq 0 ] || cat "${logs[@]}"
  exit "$failed"
}

login() { # NAME=VALUE of the case's database
  printf '%s\n' "MYSQL_HOST=$gateway" "MYSQL_PORT=$MARIADB_PORT" "MYSQL_DATABASE=sandbox_$container_case" "MYSQL_USER=$container_case" \
    "MYSQL_PASSWORD=$password"
}

create() {
  name=$1-$$
  shift
  docker run --detach "${tight[@]}" --name "$name" --label "$docker_label" --label "dcm-test-case=$$-$container_case" --network "test-$$" \
    --env-file <(login) "$@" "$DCM_TEST_IMAGE" >/dev/null || fail "docker run"
}

start() {
  create "$@"
  ready
}

running() { [ "$(docker inspect --format '{{.State.Running}}' "$name")" = true ]; }
answers() { echoscu -q -to 1 -aec DCM4CHEE "$address" 11112 2>/dev/null; }

ready() {
  address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$name")
  local limit=$((SECONDS + 60))
  until answers; do
    running || fail "the container ended instead of coming up"
    [ "$SECONDS" -lt "$limit" ] || fail "no answer on the DICOM port"
    sleep 0.1
  done
}

store() { # patient
  dicom_make "$work/$1.dcm" "$1"
  storescu -q -aec DCM4CHEE "$address" 11112 "$work/$1.dcm" || fail "C-STORE of $1"
}

found() { # patient
  findscu -aec DCM4CHEE -S -k QueryRetrieveLevel=STUDY -k PatientName="$1" -k StudyInstanceUID "$address" 11112 2>&1 | grep -F 2.25. >/dev/null
}
finds() { found "$1" || fail "$1 is not found"; }

stop() { # and end with the status of a stop that was asked for
  docker stop --time 60 "$name" >/dev/null
  [ "$(docker inspect --format '{{.State.ExitCode}}' "$name")" = 0 ] || fail "docker stop did not end with 0"
}

again() {
  docker start "$name" >/dev/null
  ready
}

refused() { # status, text
  wait_until 60 "the container ends" eval '! running'
  local status
  status=$(docker inspect --format '{{.State.ExitCode}}' "$name")
  [ "$status" = "$1" ] || fail "ended with $status, not $1"
  says "$2" || fail "does not say: $2"
}

says() { docker logs "$name" 2>&1 | grep -F -- "$1" >/dev/null; }
inside() { docker exec "$name" "$@"; }

new_volume() {
  docker volume create --label "$docker_label" "$1-$$"
}

# All that the server consists of, as one user, without a capability and a way to get one.
privileges() { # UID GID
  inside sh -c 'for pid in $(pgrep -f "bin/[r]un.sh|bin/[s]andbox-server|^[O]rthanc"); do
    awk "/^(Uid|Gid|Cap...|NoNewPrivs):/ { printf \"%s \", \$2 }" "/proc/$pid/status"; echo; done' >"$work/$container_case.privileges"
  local none=0000000000000000
  [ "$(wc -l <"$work/$container_case.privileges")" -ge 3 ] || fail "run.sh, the server and Orthanc are not all there"
  [ "$(sort -u "$work/$container_case.privileges")" = "$1 $2 $none $none $none $none $none 1 " ] ||
    fail "the server's processes, expected as $1:$2: $(cat "$work/$container_case.privileges")"
}
