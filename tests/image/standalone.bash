# SPDX-License-Identifier: Apache-2.0
# A container of a target standalone in a test. The test sets $image and a function `answers` (at $address). Source it, then:
#   start NAME [DOCKER OPTION...]   sets $name and $address; waits until it answers
#   ready                           the same for a container that was started again
#   stop                            by docker stop; its status must be 0
#   stopped_cleanly                 the database's last lines say that it was shut down, after the archive
#   fail TEXT, wait_for TEXT COMMAND...
# shellcheck shell=bash disable=SC2034,SC2154
name=none

fail() {
  printf 'FAILED: %s\n' "$*"
  docker logs "$name" 2>&1 | tail -n 40
  exit 1
}

start() {
  name=$1-$$
  shift
  docker run --detach --name "$name" --label "$docker_label" "$@" "$image" >/dev/null || fail "docker run"
  ready
}

running() { [ "$(docker inspect --format '{{.State.Running}}' "$name")" = true ]; }

wait_for() {
  local what=$1 try
  shift
  for try in {1..600}; do
    if "$@" >/dev/null 2>&1; then
      return
    fi
    running || fail "the container ended: $what"
    sleep 0.2
  done
  fail "$what after $try tries"
}

ready() {
  address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$name")
  wait_for "no answer" answers
}

stop() {
  docker stop --time 60 "$name" >/dev/null
  [ "$(docker inspect --format '{{.State.ExitCode}}' "$name")" = 0 ] || fail "docker stop did not end with 0"
}

stopped_cleanly() {
  local last
  docker logs "$name" >"$work/log" 2>&1
  last=$(tail -n 1 "$work/log")
  case $last in *"mariadbd: Shutdown complete"*) ;; *) fail "the last line is not the end of the database: $last" ;; esac
}
